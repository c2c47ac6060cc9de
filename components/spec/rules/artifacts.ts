import { checkKubernetesVersion } from "../versions";
import { problem, type Facts, type Judgement } from "./facts";

/** The source of binaries and images, and whether it has the version. */
export function* artifacts({ config }: Facts): Generator<Judgement> {
  const { source, baseUrl, manifestSha256 } = config.artifacts ?? {};
  if (source === undefined) return;
  if (source === "upstream" && baseUrl !== undefined) {
    yield problem(
      "artifacts.baseUrl",
      baseUrl,
      "is not used with artifacts.source upstream",
      "write source: mirror or bundle, or delete it",
    );
  }
  if (source !== "upstream" && baseUrl === undefined) {
    yield problem(
      "artifacts.baseUrl",
      baseUrl,
      `is given, but artifacts.source ${source} needs it`,
      "add the address that hosts fetch from",
    );
  }
  if (source === "bundle" && manifestSha256 === undefined) {
    const message = "is given, but a bundle is pinned by the sha256 of its manifest.txt";
    yield problem(
      "artifacts.manifestSha256",
      manifestSha256,
      message,
      "sha256sum manifest.txt in the bundle, and write it here",
    );
  }
  if (source !== "bundle" && manifestSha256 !== undefined) {
    const message = `is not used with artifacts.source ${source}`;
    yield problem("artifacts.manifestSha256", manifestSha256, message, "write source: bundle, or delete it");
  }
  const version = config.kubernetesVersion;
  const finding = version === undefined ? undefined : checkKubernetesVersion(version, source);
  if (finding !== undefined) yield problem("kubernetesVersion", version, finding.message, finding.cure);
}
