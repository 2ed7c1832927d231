import type { HostPermits, HostReport, HostState, PermitWish, ReservedTurns, TurnWish } from '@gleaner/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGateLane } from './host-lane.js';
import { ANSWERED, type HostOutcome } from './host-outcome.js';
import { type FetchBench, createFetchBench } from './test-bench.js';
import { MemoryGate, type LoopbackSite, startLoopbackSite } from './test-ports.js';

const FREE: HostState = { waitMs: 0, reason: null, opened: false };
const PAUSED: HostState = { waitMs: 9_000, reason: 'paused', opened: false };
const FAILED: HostOutcome = { kind: 'failed' };
const THROTTLED: HostOutcome = { kind: 'throttled', retryAfterMs: 9_000 };

/** Tells what it was asked, and answers as it is told, else with all that is wanted. */
class ScriptedGate extends MemoryGate {
  readonly calls: string[] = [];
  readonly permits: HostPermits[] = [];
  readonly turns: ReservedTurns[] = [];
  readonly states: HostState[] = [];

  override async enter(_host: string, wish: PermitWish): Promise<HostPermits> {
    this.calls.push(`enter ${wish.wanted}/${wish.limit}`);
    return this.permits.shift() ?? { granted: wish.wanted, isProbe: false, reason: null };
  }

  override async leave(): Promise<void> {
    this.calls.push('leave');
  }

  override async reserve(_host: string, { turns, intervalMs }: TurnWish): Promise<ReservedTurns> {
    this.calls.push(`reserve ${turns}`);
    return this.turns.shift() ?? { turns, firstInMs: 0, intervalMs, reason: null };
  }

  override async report(_host: string, { ok, throttled, failed }: HostReport): Promise<HostState> {
    this.calls.push(`report ${ok}${throttled}${failed}`);
    return this.states.shift() ?? FREE;
  }
}

describe('a lane', () => {
  const { signal } = new AbortController();
  let gate: ScriptedGate;
  beforeEach(() => {
    gate = new ScriptedGate();
  });
  const open = (intervalMs = 0, own = signal) =>
    openGateLane(gate, { host: 'a.test', intervalMs, wanted: 4, limit: 8, kinLimit: 32, holder: 'batch', signal: own });

  it('costs a host without interval one statement for turns and one for answers in forty pages', async () => {
    const lane = await open();
    expect(lane.permits).toBe(4);
    await Promise.all(
      Array.from({ length: 80 }, async () => {
        await lane.turn(signal);
        await lane.report(ANSWERED);
      }),
    );
    await lane.close();
    expect(gate.calls.toSorted()).toEqual(['enter 4/8', 'leave', 'report 4000', 'report 4000', 'reserve 40', 'reserve 40']);
  });

  it('tells failures and throttles at once, after the answers before them, and the rest at its end, once', async () => {
    const lane = await open();
    for (const outcome of [ANSWERED, FAILED, ANSWERED, ANSWERED, THROTTLED, ANSWERED]) await lane.report(outcome);
    await Promise.all([lane.close(), lane.close()]);
    expect(gate.calls).toEqual(['enter 4/8', 'report 101', 'report 210', 'report 100', 'leave']);
    await lane.renew();
    await expect(lane.turn(signal)).rejects.toMatchObject({ code: 'HOST_BUSY' });
    expect(gate.calls.at(-1)).toBe('leave');
  });

  it('is not opened without a permit, and leaves where it cannot tell', async () => {
    gate.permits.push({ granted: 0, waitMs: 1_000, reason: 'busy' });
    await expect(open()).rejects.toMatchObject({ code: 'HOST_BUSY', retryAfterMs: 1_000 });
    await expect(open(0, AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
    const lane = await open();
    await lane.report(ANSWERED);
    gate.report = async () => {
      throw new Error('no database');
    };
    await expect(lane.close()).rejects.toThrow('no database');
    expect(gate.calls.at(-1)).toBe('leave');
  });

  it('forgets its turns when the host is paused, and says when to come back', async () => {
    const lane = await open();
    await lane.turn(signal);
    gate.states.push(PAUSED);
    await lane.report(THROTTLED);
    expect(lane.permits).toBe(0);
    gate.permits.push({ granted: 0, waitMs: 9_000, reason: 'paused' });
    await expect(lane.turn(signal)).rejects.toMatchObject({ code: 'HOST_BUSY', retryAfterMs: 9_000 });
    gate.permits.push({ granted: 2, isProbe: false, reason: null });
    await lane.turn(signal);
    expect(lane.permits).toBe(2);
    expect(gate.calls.filter((call) => call === 'reserve 40')).toHaveLength(2);
  });

  it('waits for a near turn only, and until it is cancelled', async () => {
    const lane = await open(60_000);
    gate.turns.push({ turns: 0, waitMs: 1, reason: 'busy' });
    gate.turns.push(...[0, 60_000].map((firstInMs) => ({ turns: 1, firstInMs, intervalMs: 60_000, reason: null })));
    await lane.turn(signal);
    const controller = new AbortController();
    const waiting = lane.turn(controller.signal);
    await expect.poll(() => gate.calls).toHaveLength(4);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    gate.turns.push({ turns: 0, waitMs: 2_001, reason: 'busy' });
    await expect(lane.turn(signal)).rejects.toMatchObject({ code: 'HOST_BUSY', retryAfterMs: 2_001 });
  });

  it('tells the answer to its probe at once and then asks for all its permits', async () => {
    gate.permits.push({ granted: 1, isProbe: true, reason: null });
    {
      await using lane = await open();
      expect(lane.permits).toBe(1);
      await lane.report(ANSWERED);
      expect(lane.permits).toBe(4);
    }
    expect(gate.calls).toEqual(['enter 4/8', 'report 100', 'enter 4/8', 'leave']);
  });
});

describe('a page of a batch', () => {
  let site: LoopbackSite;
  let other: LoopbackSite;
  let bench: FetchBench;
  beforeEach(async () => {
    other = await startLoopbackSite((_request, response) => void response.writeHead(404).end());
    site = await startLoopbackSite((request, response) => {
      const location = { '/away': `${other.origin}/x`, '/moved': '/page' }[request.url ?? ''];
      if (location !== undefined) response.writeHead(302, { location }).end();
      else if (request.url === '/robots.txt') response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<p>words');
    });
    bench = createFetchBench([site.address, other.address], { hostIntervalMs: 500 });
  });
  afterEach(async () => {
    await bench.close();
    await site.close();
    await other.close();
  });

  it('takes the turns of its lane on the host of the lane, and ordinary ones elsewhere', async () => {
    const { signal } = new AbortController();
    const url = (path: string): string => site.origin + path;
    const gate = new ScriptedGate();
    const wish = { host: site.address, intervalMs: 0, wanted: 4, limit: 48, kinLimit: 32, holder: 'batch', signal };
    await using lane = await openGateLane(gate, wish);
    for (const path of ['/page', '/moved', '/away']) await bench.fetcher.fetch({ url: url(path), fresh: true, signal, lane });
    await lane.close();
    expect(gate.calls).toEqual(['enter 4/48', 'reserve 40', 'report 400', 'leave']);
    // robots.txt of both hosts, and the page that is elsewhere
    expect(bench.gate.takes.map(({ host }) => host)).toEqual([site.address, other.address, other.address]);
    await expect(bench.fetcher.fetch({ url: url('/page'), fresh: true, signal, lane })).rejects.toMatchObject({ code: 'HOST_BUSY' });
  });

  it('gets more permits of a listed host than of a public one, and the interval of a public one', async () => {
    const wishes: unknown[] = [];
    bench.gate.enter = async (host, { limit }) => {
      wishes.push([host, limit]);
      return { granted: 1, isProbe: false, reason: null };
    };
    const request = { crawlDelayMs: 0, wanted: 4, kinLimit: 32, holder: 'batch', signal: new AbortController().signal };
    for (const url of [site.origin, 'http://example.com/']) {
      await using lane = await bench.turns.openLane({ ...request, url: new URL(url) });
      await lane.turn(request.signal);
    }
    expect(wishes).toEqual([
      [site.address, 48],
      ['example.com', 8],
    ]);
    expect(bench.gate.takes.map(({ intervalMs }) => intervalMs)).toEqual([0, 500]);
  });
});
