/** Waits for all of them, also when one fails: nothing of it goes on unseen. Throws what the first in the list that failed threw. */
export async function together(parts: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const end of await Promise.allSettled(parts.filter((part) => part !== undefined)))
    if (end.status === 'rejected') throw end.reason as Error;
}
