import assert from "node:assert/strict";
import type { HostSpec } from "../../components/spec/types";
import type { Asked, Wire } from "./support/engine";
import { example, exampleRun, STACKS } from "./support/stacks";
import { reveal, text } from "./support/wire";

type Props = Record<string, Wire>;

describe("every step on a host", () => {
  for (const stack of STACKS) {
    it(`reaches it by its pinned key in the ${stack} example, through a jump host by that one's`, async () => {
      const { hosts } = example(stack);
      const byName = new Map(
        Object.values(hosts).flatMap((list) => list.map((host) => [host.name, host] as const)),
      );
      const run = await exampleRun(stack);
      for (const step of [...run.of("command:remote:Command"), ...run.of("command:remote:CopyToRemote")]) {
        const host = [...byName.values()].find(({ name }) => step.urn.includes(`-${name}-`));
        assert.ok(host, step.name);
        assertReaches(step, host);
      }
    });

    it(`is none that a trigger replaces or a log shows in the ${stack} example`, async () => {
      const run = await exampleRun(stack);
      for (const { name, inputs, options } of run.of("command:remote:Command")) {
        assert.deepEqual(
          options,
          { triggers: false, retainOnDelete: false, deletedWith: "", formerParents: [] },
          name,
        );
        assert.deepEqual(
          [inputs["triggers"], inputs["logging"], inputs["addPreviousOutputInEnv"], inputs["environment"]],
          [undefined, "none", false, undefined],
          name,
        );
        // A changed step runs `create` again: there is no second way.
        assert.equal(inputs["update"], undefined, name);
      }
    });

    it(`runs a script that is copied again for another user or host key only in the ${stack} example`, async () => {
      const run = await exampleRun(stack);
      for (const { inputs, name } of run.of("command:remote:CopyToRemote")) {
        const { user, hostKey } = reveal(inputs["connection"] ?? null) as Props;
        assert.deepEqual(inputs["triggers"], [user, hostKey], name);
      }
    });
  }

  it("runs a script whose sum was compared, with the host's name and address", async () => {
    const run = await exampleRun("small");
    for (const { name, inputs } of run.of("command:remote:Command")) {
      assert.match(
        text(inputs["create"]),
        /^echo [0-9a-f]{64} (\.ha-kubernetes-\w+\.sh) \| sha256sum -c --quiet && bash \1 \w+ host=\S+ address=\S+/,
        name,
      );
    }
  });

  it("is undone once per host when the host leaves, also on one that is clean already", async () => {
    const run = await exampleRun("small");
    const deletes = run.of("command:remote:Command").filter(({ inputs }) => inputs["delete"] !== undefined);
    assert.equal(deletes.length, run.of("ha-kubernetes:index:RemoteHost").length);
    for (const { name, inputs } of deletes) {
      assert.match(
        text(inputs["delete"]),
        /^\[ ! -e (\.ha-kubernetes-\w+\.sh) \] \|\| bash \1 wipe host=\S+ address=\S+$/,
        name,
      );
    }
  });
});

function assertReaches(step: Asked, { ssh }: HostSpec): void {
  const connection = reveal(step.inputs["connection"] ?? null) as Props;
  assert.deepEqual(endpointOf(connection), { ...endpoint(ssh), privateKey: "CANARY-ssh" }, step.name);
  const proxy = connection["proxy"] as Props | undefined;
  assert.deepEqual(
    proxy && endpointOf(proxy),
    ssh.jump && { ...endpoint(ssh.jump), privateKey: "CANARY-ssh" },
    step.name,
  );
}

function endpointOf({ host, port, user, hostKey, privateKey }: Props): Props {
  return { host, port, user, hostKey, privateKey } as Props;
}

function endpoint({ address, port, user, hostKey }: HostSpec["ssh"]): Props {
  assert.match(hostKey, /^(ssh-ed25519|ecdsa-sha2-nistp\d+) \S+/);
  return { host: address, port, user, hostKey };
}
