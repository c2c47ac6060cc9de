import { stringify } from "yaml";
import { parseCluster } from "../../components/spec/parse";
import { cephCsiValues, NFS_CSI_VALUES, storageClasses } from "../../components/storage";
import { goodConfig, STORAGE_OUTSIDE } from "../unit/spec/configs";
import { assertGoldenOf } from "./golden";

const { storage } = parseCluster(goodConfig({ storage: STORAGE_OUTSIDE }));

/** Classes, and values of charts, by the name of their golden. */
const ASKED: Record<string, unknown> = {
  "classes.yaml": storageClasses(storage),
  "ceph-csi-rbd-values.yaml": storage.ceph && cephCsiValues(storage.ceph),
  "csi-driver-nfs-values.yaml": NFS_CSI_VALUES,
};

describe("storage", () => {
  for (const [name, value] of Object.entries(ASKED)) {
    it(name, function () {
      assertGoldenOf(this, stringify(value, { aliasDuplicateObjects: false }));
    });
  }
});
