import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { renderScript, sha256, type ScriptParts } from "./script";

/**
 * The script of one role, kept once in the state, so that a preview shows its changed lines once
 * and each host of the role carries only its hash.
 */
export class RoleScript extends pulumi.ComponentResource {
  /** Name of the role and of the script's file on the hosts. */
  readonly role: string;
  /** The whole script. */
  readonly text: string;
  /** sha256 of the script, in hex. */
  readonly sha256: string;
  private file?: pulumi.asset.FileAsset;

  constructor(name: string, args: ScriptParts, opts?: pulumi.ComponentResourceOptions) {
    super(
      "ha-kubernetes:index:RoleScript",
      name,
      { ...args.variables, files: args.files ?? {}, shell: shellByName(args) },
      opts,
    );
    this.role = args.role;
    this.text = renderScript(args);
    this.sha256 = sha256(this.text);
    this.registerOutputs({ sha256: this.sha256 });
  }

  /**
   * The script as a file to copy: the state then holds its path and hash, not its text once per host.
   * The file lies in the project's cache folder under its hash; it holds no secret.
   */
  asset(): pulumi.asset.FileAsset {
    this.file ??= this.written();
    return this.file;
  }

  private written(): pulumi.asset.FileAsset {
    const folder = join(process.cwd(), "node_modules", ".cache", "ha-kubernetes");
    const path = join(folder, `${this.role}-${this.sha256.slice(0, 16)}.sh`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, this.text);
    renameSync(`${path}.${process.pid}`, path);
    return new pulumi.asset.FileAsset(path);
  }
}

/** The parts by the first function each defines, which is what a person looks for in a diff. */
function shellByName(args: ScriptParts): Record<string, string> {
  return Object.fromEntries(
    args.shell.map((text, i) => [/^(\w+)\(\) \{/m.exec(text)?.[1] ?? `part${i}`, text]),
  );
}
