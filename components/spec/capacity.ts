/**
 * Share of the workers' capacity, in percent, that is kept free for failover.
 *
 * 30 % is requirements R5; it covers one of four equal workers, or two of seven.
 */
export const FAILOVER_RESERVE_PERCENT = 30;

/** Least CPUs of a master: requirements R5 (kubeadm itself only refuses fewer than 2). */
export const MASTER_MIN_CPUS = 4;

/** Least memory of a master in GiB: requirements R5 (kubeadm itself only refuses less than 1.7 GB). */
export const MASTER_MIN_MEMORY_GIB = 8;

/**
 * Percent of the whole that is gone when the `lost` largest of `sizes` fail, from 0 to 100.
 *
 * The largest, because a reserve must hold for the worst case.
 */
export function lostPercent(sizes: readonly number[], lost: number): number {
  const whole = sum(sizes);
  if (whole === 0) return 0;
  const largest = [...sizes].sort((a, b) => b - a).slice(0, Math.max(0, lost));
  return (sum(largest) / whole) * 100;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
