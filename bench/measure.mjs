/** Times a function over and over; gives milliseconds, sorted. */
export async function timeEach(count, work) {
  const times = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await work(n);
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b);
}

export const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
export const ms = (value) => `${value.toFixed(1)} ms`;

/** Runs `count` pieces of work with `parallel` at a time; gives pieces a second. */
export async function throughput(count, parallel, work) {
  let next = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return count / ((performance.now() - startedAt) / 1000);
}
