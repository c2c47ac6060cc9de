#!/bin/sh
set -eu

# Makes the folder of a volume, run by the provisioner's helper pod on the volume's node as root.
# The folder above is closed to the host's users: pods reach a volume through the kubelet's mount only.
chmod 0700 "${VOL_DIR%/*}"
mkdir -p "$VOL_DIR"
chmod 0777 "$VOL_DIR"
