import { expect, it } from 'vitest';
import { Turns } from './turns.js';

const signal = new AbortController().signal;

it('gives turns in the order of asking, one at a time', async () => {
  const turns = new Turns();
  const order: number[] = [];
  let holders = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const release = await turns.take(signal);
      holders += 1;
      expect(holders).toBe(1);
      order.push(index);
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      release();
      release(); // a second call must not let two in
    }),
  );
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

it('forgets who leaves the line, and goes on with the next', async () => {
  const turns = new Turns();
  const release = await turns.take(signal);
  const leaving = new AbortController();
  const left = turns.take(leaving.signal);
  const next = turns.take(signal);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  expect(turns.waitingCount).toBe(1);
  release();
  (await next)();
  await expect(turns.take(leaving.signal)).rejects.toThrow('left');
  (await turns.take(signal))();
});

it('lets interactive clients pass bulk ones, and every fourth turn is for bulk all the same', async () => {
  const turns = new Turns();
  const first = await turns.take(signal);
  const order: string[] = [];
  const asked = (['bulk', 'bulk', 'interactive', 'interactive', 'interactive', 'interactive', 'interactive'] as const).map(
    async (urgency, index) => {
      const release = await turns.take(signal, urgency);
      order.push(`${urgency} ${index}`);
      release();
    },
  );
  first();
  await Promise.all(asked);
  expect(order).toEqual(['interactive 2', 'interactive 3', 'interactive 4', 'bulk 0', 'interactive 5', 'interactive 6', 'bulk 1']);
});
