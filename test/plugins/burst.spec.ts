/** A server that answers a command in one burst: start, output, exit and close in one packet, as a busy machine's sshd may. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { connect, createServer, type AddressInfo, type Server as Relay } from "node:net";
import { Server } from "ssh2";
import { run } from "../../lab/plugins/command/run";
import { silentLog } from "../../lab/plugins/wire/log";
import { failure } from "./support/calls";

describe("plugins: an answer in one burst", function () {
  let server: Server;
  let relay: Relay;
  const go = (command: string) =>
    run(
      {
        connection: {
          host: "127.0.0.1",
          port: (relay.address() as AddressInfo).port,
          user: "u",
          password: "p",
          dialErrorLimit: 0,
          perDialTimeout: 5,
        },
        command,
        stdin: "some",
        environment: {},
        logging: "none",
      },
      { signal: new AbortController().signal, log: silentLog },
    );

  before((done) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const hostKeys = [String(privateKey.export({ type: "pkcs1", format: "pem" }))];
    server = new Server({ hostKeys }, (client) => {
      client.on("error", () => undefined);
      client.on("authentication", (context) =>
        context.method === "password" ? context.accept() : context.reject(["password"]),
      );
      client.on("session", (acceptSession) =>
        acceptSession().on("exec", (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.write("out\n");
          channel.stderr.write("err\n");
          channel.exit(Number(command));
          channel.end();
        }),
      );
    }).listen(0, "127.0.0.1", () => {
      relay = hoarding((server.address() as AddressInfo).port).listen(0, "127.0.0.1", done);
    });
  });
  after((done) => {
    relay.close();
    server.close(() => done());
  });

  it("is heard whole", async () => {
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(await go("0"), { stdout: "out", stderr: "err" });
    }
    const text = await failure(go("7"));
    assert.match(text, /^Process exited with status 7: running "7":\n/);
    assert.deepEqual(text.split("\n").slice(1).sort(), ["", "err", "out"]);
  });
});

/** Longer than a delayed TCP acknowledgement, for which the server's second write waits. */
const SILENCE_MS = 70;

/** Passes on what the server says once it is silent, all in one piece. */
function hoarding(port: number): Relay {
  return createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    let held: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    outer.on("data", (piece) => {
      held.push(piece);
      clearTimeout(timer);
      timer = setTimeout(() => {
        inner.write(Buffer.concat(held));
        held = [];
      }, SILENCE_MS);
    });
    inner.pipe(outer);
    for (const end of [inner, outer])
      end.on("error", () => undefined).on("close", () => (inner.destroy(), outer.destroy()));
  });
}
