/**
 * What the bootstrap tells the person, on stderr: one line a step, with its time, and only for steps that do real work.
 * @param {{ quiet: boolean, write?: (text: string) => void, now?: () => number }} options
 */
export function createReport({ quiet, write = (text) => process.stderr.write(text), now = () => performance.now() }) {
  const say = (text) => {
    if (!quiet) write(text);
  };
  return {
    /** A line that is true at once. */
    note: (text) => say(`gleaner: ${text}\n`),
    /** An error is shown even with --quiet. */
    error: (text) => write(`gleaner: ${text}\n`),
    /** Runs work under a title: `gleaner: installing packages … 41.2 s`. The work returns false when this route gave nothing. */
    async step(title, work) {
      say(`gleaner: ${title} … `);
      const startedAt = now();
      const seconds = () => `${((now() - startedAt) / 1000).toFixed(1)} s`;
      try {
        const result = await work();
        say(`${result === undefined ? 'no, ' : ''}${seconds()}\n`);
        return result;
      } catch (error) {
        say(`failed, ${seconds()}\n`);
        throw error;
      }
    },
  };
}
