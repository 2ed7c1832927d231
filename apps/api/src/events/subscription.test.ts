import type { JobEvent } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { Subscription } from './subscription.js';

const event = (seq: number): JobEvent => ({ seq, at: '2026-11-21T00:00:00.000Z', type: 'job.progress', job: 'job_1' });
const closed: Subscription[] = [];
const subscription = (lastSeq = 0) => new Subscription('job_1', lastSeq, (one) => closed.push(one));

it('gives each event once and in order, whatever is offered again', async () => {
  const reader = subscription(1);
  const first = reader.next();
  for (const seq of [1, 2, 2, 3]) reader.offer(event(seq));
  expect([await first, await reader.next()]).toEqual([
    { kind: 'event', event: event(2) },
    { kind: 'event', event: event(3) },
  ]);
  const waiting = reader.next();
  reader.close();
  expect(await waiting).toEqual({ kind: 'closed' });
});

it('is given up when too many events wait, after those that fit', async () => {
  const reader = subscription();
  for (let seq = 1; seq <= 1_200; seq++) reader.offer(event(seq));
  expect(closed).toContain(reader);
  for (let seq = 1; seq <= 1_000; seq++) expect(await reader.next()).toEqual({ kind: 'event', event: event(seq) });
  expect(await reader.next()).toEqual({ kind: 'overflowed' });
});
