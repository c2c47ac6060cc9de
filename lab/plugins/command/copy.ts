/** `command:remote:CopyToRemote`: the rules of pulumi-command 1.2.1 (provider/pkg/provider/remote/copyController.go). */
import { randomBytes } from "node:crypto";
import type { Call, Checked, Created, Failure, Known, Resource } from "../wire/resource";
import { plain, readAsset, UNKNOWN, type Props } from "../wire/values";
import { diffInputs } from "./command";
import { checkConnection, readConnection } from "./connection";
import { dial } from "./dial";
import { openRemote, upload, writeText } from "./upload";

const INPUTS = ["connection", "triggers", "source", "remotePath"];

/** Files and folders to a host by sftp; nothing is removed from the host at delete. */
export const copyToRemote: Resource = {
  check: checkCopy,
  diff: (known, news) => diffInputs(known, news, INPUTS),

  async create(inputs: Props, call: Call): Promise<Created> {
    if (call.preview) return { id: UNKNOWN, state: inputs };
    await copy(inputs, call);
    return { id: randomBytes(4).toString("hex"), state: inputs };
  },

  async update(known: Known, inputs: Props, call: Call): Promise<Props> {
    const moved = plain(known.state["remotePath"] ?? null) !== plain(inputs["remotePath"] ?? null);
    const changed = readAsset(known.state["source"])?.hash !== readAsset(inputs["source"])?.hash;
    // A changed connection alone copies nothing.
    if (!call.preview && (moved || changed)) await copy(inputs, call);
    return inputs;
  },
};

function checkCopy(news: Props): Checked {
  const connection = checkConnection(news["connection"]);
  const failures: Failure[] = [...connection.failures];
  const source = readAsset(news["source"]);
  if (source === undefined) {
    // 1.2.1 refuses a source that isn't known yet, too; later versions let it through.
    failures.push({ property: "asset", reason: "either asset or archive must be set" });
  } else if (source.kind === "asset" && source.path === undefined && source.text === undefined) {
    failures.push({ property: "asset", reason: "asset must be a path-based file asset or a text asset" });
  } else if (source.kind === "archive" && source.path === undefined) {
    failures.push({ property: "archive", reason: "archive must be a path to a file or directory" });
  }
  if (news["remotePath"] === undefined) {
    failures.push({ property: "remotePath", reason: "missing required property" });
  }
  return { inputs: { ...news, connection: connection.value }, failures };
}

async function copy(inputs: Props, call: Call): Promise<void> {
  const connection = readConnection(inputs["connection"]);
  const source = readAsset(inputs["source"]);
  const target = String(plain(inputs["remotePath"] ?? null));
  const dialed = await dial(connection, call);
  try {
    const remote = await openRemote(dialed.client);
    if (source?.path !== undefined) await upload(remote, source.path, target);
    else await writeText(remote, source?.text ?? "", target);
  } finally {
    dialed.close();
  }
}
