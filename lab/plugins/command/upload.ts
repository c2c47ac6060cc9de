/**
 * Writing files to a host by sftp.
 *
 * source | target is a folder  | target is not there | target is a file
 * -------|---------------------|---------------------|-----------------
 * dir    | target/dir          | target/dir          | refused
 * dir/   | target/* of dir     | target/* of dir     | refused
 * file   | target/file         | target              | overwritten
 */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { promisify } from "node:util";
import type { Client, SFTPWrapper } from "ssh2";

/** The sftp calls in use, as promises. */
export interface Remote {
  /** What is at a path: a folder, another thing, or nothing. */
  look(path: string): Promise<"folder" | "other" | undefined>;
  makeFolder(path: string): Promise<void>;
  write(path: string, pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void>;
}

/** Starts sftp on a connection. */
export async function openRemote(client: Client): Promise<Remote> {
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  return {
    async look(path) {
      try {
        const found = await promisify(sftp.stat.bind(sftp))(path);
        return found.isDirectory() ? "folder" : "other";
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw new Error(`failed to stat remote path ${path}: ${message(error)}`, { cause: error });
      }
    },
    makeFolder: (path) =>
      new Promise((resolve, reject) => {
        sftp.mkdir(path, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(new Error(`failed to create remote directory ${path}: ${message(error)}`));
        });
      }),
    async write(path, pieces) {
      const handle = await opened(sftp, path);
      try {
        await writePieces(sftp, handle, pieces);
      } finally {
        await new Promise<void>((resolve) => sftp.close(handle, () => resolve()));
      }
    },
  };
}

/** Copies a local file or folder. */
export async function upload(remote: Remote, source: string, target: string): Promise<void> {
  const found = await remote.look(target);
  if (!(await localStat(source)).isDirectory()) {
    if (found === undefined) await makeFolders(remote, posix.dirname(target));
    return writeFile(remote, source, found === "folder" ? posix.join(target, basename(source)) : target);
  }
  if (found === undefined) await makeFolders(remote, target);
  const inside = source.endsWith("/") ? target : posix.join(target, basename(source));
  await copyFolder(remote, source, inside);
}

/** Writes a text to a path that must be a file's. */
export async function writeText(remote: Remote, text: string, target: string): Promise<void> {
  if ((await remote.look(target)) === "folder") {
    throw new Error(
      `remote path ${target} is a directory; when using a text asset, remotePath must be a file path`,
    );
  }
  await makeFolders(remote, posix.dirname(target));
  await remote.write(target, [Buffer.from(text, "utf8")]);
}

async function copyFolder(remote: Remote, source: string, target: string): Promise<void> {
  const found = await remote.look(target);
  if (found === "other") throw new Error(`remote path ${target} exists but is not a directory`);
  if (found === undefined) await remote.makeFolder(target);
  const entries = await readdir(source, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [from, to] = [join(source, entry.name), posix.join(target, entry.name)];
    // A link to a folder counts as a file and fails, as in the official plugin.
    if (entry.isDirectory()) await copyFolder(remote, from, to);
    else await writeFile(remote, from, to);
  }
}

async function makeFolders(remote: Remote, path: string): Promise<void> {
  const found = await remote.look(path);
  if (found === "folder") return;
  if (found === "other") throw new Error(`failed to create parent directories for ${path}: not a directory`);
  const parent = posix.dirname(path);
  if (parent !== path) await makeFolders(remote, parent);
  await remote.makeFolder(path);
}

async function writeFile(remote: Remote, source: string, target: string): Promise<void> {
  try {
    await remote.write(target, createReadStream(source, { highWaterMark: PIECE }));
  } catch (error) {
    throw new Error(`failed to copy file ${source} to remote path ${target}: ${message(error)}`, {
      cause: error,
    });
  }
}

const PIECE = 32 * 1024;
const IN_FLIGHT = 32;

async function writePieces(
  sftp: SFTPWrapper,
  handle: Buffer,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const flying = new Set<Promise<void>>();
  let failure: Error | undefined;
  let offset = 0;
  for await (const piece of pieces) {
    const at = offset;
    offset += piece.length;
    if (piece.length === 0) continue;
    const written = new Promise<void>((resolve, reject) => {
      sftp.write(handle, piece, 0, piece.length, at, (error) => (error ? reject(error) : resolve()));
    })
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => flying.delete(written));
    flying.add(written);
    if (flying.size >= IN_FLIGHT) await Promise.race(flying);
    if (failure !== undefined) break;
  }
  await Promise.all(flying);
  if (failure !== undefined) throw failure;
}

async function opened(sftp: SFTPWrapper, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sftp.open(path, "w", (error, handle) => {
      if (!error) resolve(handle);
      else reject(new Error(`failed to create remote file ${path}: ${message(error)}`));
    });
  });
}

async function localStat(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch {
    throw new Error(`open ${path}: no such file or directory`);
  }
}

const NO_SUCH_FILE = 2;

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as Error & { code?: unknown }).code === NO_SUCH_FILE;
}

/** The server's words as Go's sftp client gives them. */
function message(error: unknown): string {
  if (isMissing(error)) return "file does not exist";
  if (!(error instanceof Error)) return String(error);
  return (error as Error & { code?: unknown }).code === 3 ? "permission denied" : error.message;
}
