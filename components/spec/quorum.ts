/** Members that must agree before etcd accepts a write: more than half (etcd.io, FAQ "What is failure tolerance?"). */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Members that may be lost while the rest still has a quorum. */
export function tolerated(members: number): number {
  return Math.max(0, members - quorum(members));
}

/** Whether a count is even: such a cluster tolerates no more losses than one with a member less. */
export function isEven(members: number): boolean {
  return members % 2 === 0;
}

/** Whether `lost` members of `members` may be gone at once without losing the quorum. */
export function survives(members: number, lost: number): boolean {
  return members - lost >= quorum(members);
}
