import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { shellQuote } from "./quote";

/** What a role's script is made of; all of it plain text, so that it can be shown, hashed and compared. */
export interface ScriptParts {
  /** Role, for the header and the file name on the host: "worker". */
  readonly role: string;
  /** Values for the whole role, as read-only shell variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Files that the script writes on the host, by name; "@NAME@" in them is replaced on the host by parameter `name`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell files in their order; the last one defines the role's phases. */
  readonly shell: readonly string[];
}

const MARK = "HA_KUBERNETES_EOF";

/**
 * Renders the one script of a role: strict mode, variables, embedded files, functions and the call of a phase.
 *
 * Run as `bash SCRIPT PHASE [name=value ...]`, it calls the function `phase_PHASE`.
 */
export function renderScript(parts: ScriptParts): string {
  const variables = Object.entries(parts.variables).map(
    ([name, value]) => `readonly ${name}=${shellQuote(value)}`,
  );
  const files = Object.entries(parts.files ?? {}).map(([name, text]) => {
    if (text.includes(MARK)) throw new Error(`the file ${name} holds the word ${MARK}`);
    return `  ${name})\n    cat <<'${MARK}'\n${text.replace(/\n?$/, "\n")}${MARK}\n    ;;`;
  });
  return [
    "#!/usr/bin/env bash",
    `# Role "${parts.role}" of ha-kubernetes. Generated: a change belongs into the package, not here.`,
    "set -Eeuo pipefail",
    "umask 022",
    variables.join("\n"),
    `embedded() {\n  case "$1" in\n${files.join("\n")}\n  *) return 1 ;;\n  esac\n}`,
    ...parts.shell.map(withoutHeader),
    'main "$@"\n',
  ].join("\n\n");
}

/** Reads a shell file that lies in `scripts/` beside the component. */
export function shellFile(path: string): string {
  return readFileSync(path, "utf8");
}

/** sha256 of a text in hex, as `sha256sum` prints it. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** Drops what only an editor and shellcheck need at the top of a shell file. */
function withoutHeader(text: string): string {
  return text.replace(/^(#!.*\n|# shellcheck .*\n|set -E?euo pipefail\n|\s*\n)+/, "").trimEnd();
}
