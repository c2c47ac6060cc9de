import { destroyAndLook } from "./destroy";

describe("destroy", () => {
  it("leaves clean hosts", () => destroyAndLook());
});
