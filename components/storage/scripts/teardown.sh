#!/bin/sh
set -eu

# Removes the folder of a released volume, run by the provisioner's helper pod on the volume's node as root.
rm -rf "${VOL_DIR:?}"
