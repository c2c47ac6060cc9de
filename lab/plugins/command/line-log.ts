/** Cuts what arrives in pieces into lines. */
import { StringDecoder } from "node:string_decoder";

/** Hands on whole lines, and at the end what is left of the last one. */
export class LineLog {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly say: (line: string) => void) {}

  /** Takes the next piece. */
  write(piece: Buffer): void {
    const lines = (this.rest + this.decoder.write(piece)).split(/\r?\n/);
    this.rest = lines.pop() ?? "";
    lines.forEach(this.say);
  }

  /** Says the last line if it had no newline. */
  end(): void {
    const last = this.rest + this.decoder.end();
    this.rest = "";
    if (last !== "") this.say(last);
  }
}
