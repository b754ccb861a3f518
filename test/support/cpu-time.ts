/**
 * Milliseconds of CPU that this process spends on `work`: what a test of "takes no time" can hold on a machine that has
 * other things to do, where a clock on the wall cannot.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How much more `large` costs than `small`: the least of several tries each, for what disturbs only ever adds. */
export async function costRatio(small: () => unknown, large: () => unknown, tries = 7): Promise<number> {
  // Compiled first: what is slow once would make the small one dear.
  for (let n = 0; n < 3; n += 1) await large();
  let [least, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let n = 0; n < tries; n += 1) {
    least = Math.min(least, await cpuMs(small));
    most = Math.min(most, await cpuMs(large));
  }
  return most / least;
}
