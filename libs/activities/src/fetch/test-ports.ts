/** Ports in memory, and real servers on loopback, for the tests of fetching and rendering. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type JobState,
  type TemplateKey,
  type BlobRef,
  type BlobStore,
  type EventDraft,
  Fault,
  type GateTurn,
  type HostGate,
  type HostPermits,
  type HostReport,
  type HostState,
  type PermitWish,
  type ReservedTurns,
  type TurnWish,
  type JobCounts,
  type JobLog,
  type RobotsCache,
  type RobotsRecord,
  type SiteMemory,
  type Snapshot,
  type SnapshotIndex,
} from '@gleaner/domain';

export class MemoryBlobs implements BlobStore {
  readonly bodies = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<BlobRef> {
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.bodies.set(hash, bytes);
    return { hash, bytes: bytes.length };
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = this.bodies.get(hash);
    if (bytes === undefined) throw new Fault('BLOB_MISSING', { detail: hash });
    return bytes;
  }

  async has(hash: string): Promise<boolean> {
    return this.bodies.has(hash);
  }

  async check(): Promise<void> {}
}

export class MemorySnapshots implements SnapshotIndex {
  readonly saved = new Map<string, Snapshot>();

  async latest(urlKey: string): Promise<Snapshot | null> {
    return this.saved.get(urlKey) ?? null;
  }

  async latestOf(urlKeys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>> {
    return new Map([...this.saved].filter(([key]) => urlKeys.includes(key)));
  }

  async save(urlKey: string, snapshot: Snapshot): Promise<void> {
    this.saved.set(urlKey, snapshot);
  }
}

/** Turns and asked-for pauses only; permits as many as are wanted. */
export class MemoryGate implements HostGate {
  readonly takes: { host: string; intervalMs: number; granted: boolean }[] = [];
  readonly reports: ({ host: string } & HostReport)[] = [];
  readonly pauses: { host: string; forMs: number }[] = [];
  private readonly nextAt = new Map<string, number>();

  async take(host: string, intervalMs: number): Promise<GateTurn> {
    const waitMs = (this.nextAt.get(host) ?? 0) - Date.now();
    this.takes.push({ host, intervalMs, granted: waitMs <= 0 });
    // Timers of Node end up to a millisecond before the clock says so: who comes back then would be refused once more.
    if (waitMs > 0) return { granted: false, waitMs: waitMs + 1 };
    this.nextAt.set(host, Date.now() + intervalMs);
    return { granted: true };
  }

  async enter(_host: string, { wanted }: PermitWish): Promise<HostPermits> {
    return { granted: wanted, isProbe: false, reason: null };
  }

  async leave(): Promise<void> {}

  async reserve(host: string, { intervalMs }: TurnWish): Promise<ReservedTurns> {
    const turn = await this.take(host, intervalMs);
    if (!turn.granted) return { turns: 0, waitMs: turn.waitMs, reason: 'busy' };
    return { turns: 1, firstInMs: 0, intervalMs, reason: null };
  }

  async report(host: string, report: HostReport): Promise<HostState> {
    this.reports.push({ host, ...report });
    const { retryAfterMs: forMs } = report;
    if (forMs === undefined) return { waitMs: 0, reason: null, opened: false };
    this.pauses.push({ host, forMs });
    this.nextAt.set(host, Math.max(this.nextAt.get(host) ?? 0, Date.now() + forMs));
    return { waitMs: forMs, reason: 'paused', opened: false };
  }
}

export class MemoryRobots implements RobotsCache {
  readonly records = new Map<string, RobotsRecord>();

  async get(origin: string): Promise<RobotsRecord | null> {
    return this.records.get(origin) ?? null;
  }

  async put(record: RobotsRecord): Promise<void> {
    this.records.set(record.origin, record);
  }
}

export class MemorySites implements SiteMemory {
  readonly sites = new Set<string>();

  async needsBrowser({ site }: TemplateKey): Promise<boolean | null> {
    return this.sites.has(site) ? true : null;
  }

  async rememberBrowser({ site }: TemplateKey, isNeeded: boolean): Promise<void> {
    if (isNeeded) this.sites.add(site);
  }
}

export class MemoryJobLog implements JobLog {
  readonly entries = new Map<string, { event: EventDraft; counts: Partial<JobCounts> | undefined }>();

  async started(): Promise<boolean> {
    return true;
  }

  async stateOf(): Promise<JobState> {
    return 'running';
  }

  async paused(): Promise<void> {}

  async resumed(): Promise<void> {}

  async append(_jobId: string, key: string, event: EventDraft, counts?: Partial<JobCounts>): Promise<void> {
    if (!this.entries.has(key)) this.entries.set(key, { event, counts });
  }

  async finish(): Promise<boolean> {
    return true;
  }
}

export interface LoopbackSite {
  /** `http://127.0.0.1:PORT`, or another host */
  readonly origin: string;
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Paths in the order in which they were asked for. */
  readonly hits: string[];
  /** Connections that were ever opened. */
  readonly connections: () => number;
  readonly openSockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** A server on loopback that counts what reaches it; by default on a free port of 127.0.0.1. */
export async function startLoopbackSite(listener: RequestListener, host = '127.0.0.1', port = 0): Promise<LoopbackSite> {
  const hits: string[] = [];
  const openSockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    hits.push(request.url ?? '');
    response.on('error', () => undefined);
    listener(request, response);
  });
  server.on('connection', (socket: Socket) => {
    connections++;
    openSockets.add(socket);
    socket.once('close', () => openSockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket) => {
    hits.push(request.url ?? '');
    socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${address}`,
    address,
    hits,
    openSockets,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
