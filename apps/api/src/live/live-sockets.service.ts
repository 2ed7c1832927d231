import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiKeyRecord, Fault, type JobReader } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebSocketServer } from 'ws';
import { Admission } from '../http/admission.service.js';
import { faultOf, invalidInput, statusOf } from '../http/problem.js';
import { answerProblem } from '../http/raw-answer.js';
import { JOB_READER, LOG } from '../platform/platform.module.js';
import { PROTOCOL, afterOf, keyOf, liveJobOf } from './live-request.js';
import { CLOSE } from './live-socket.js';
import { type LiveRequest, LiveTeller } from './live-teller.service.js';

/** Each costs a timer, a subscription and some kilobytes. */
const MAX_SOCKETS = 1_000;
/** Readers have nothing to say. */
const MAX_MESSAGE_BYTES = 1_024;
const GOODBYE_MS = 500;

/** The WebSockets of this process: `/api/v1/jobs/:id/live`. Whoever may not have one is told so in HTTP, before the upgrade. */
@Injectable()
export class LiveSockets implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : ([...offered][0] ?? false)),
  });
  private readonly closing = new AbortController();
  private opening = 0;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(JOB_READER) private readonly jobs: JobReader,
    private readonly admission: Admission,
    private readonly teller: LiveTeller,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request, socket, head) => void this.accept(request, socket, head));
  }

  /** Sockets are not connections that the server would close: they get a word and a moment, then they are cut. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    for (const socket of this.sockets.clients) socket.close(CLOSE.goingAway);
    for (let waited = 0; waited < GOODBYE_MS && this.sockets.clients.size > 0; waited += 20) await sleep(20);
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
  }

  private async accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = (): void => undefined;
    socket.on('error', ignore); // who goes away while we look at the key
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    this.opening++;
    try {
      const live = await this.admit(request, path);
      socket.off('error', ignore);
      this.sockets.handleUpgrade(request, socket, head, (client) => void this.teller.serve(client, live, this.closing.signal));
    } catch (error) {
      const fault = faultOf(error);
      if (statusOf(fault) >= 500 && fault.code === 'INTERNAL')
        this.log.error({ err: fault.cause ?? fault, path }, 'a socket failed to open');
      answerProblem(socket, fault, path);
    } finally {
      this.opening--;
    }
  }

  private async admit(request: IncomingMessage, path: string): Promise<LiveRequest> {
    const jobId = liveJobOf(path);
    if (jobId === null) throw new Fault('NOT_FOUND', { detail: 'There is no WebSocket at this path.' });
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw new Fault('UPGRADE_REQUIRED', { detail: 'This path speaks WebSocket.' });
    const caller = await this.callerOf(request);
    const after = afterOf(new URL(request.url ?? '/', 'http://gleaner.invalid'));
    if (this.closing.signal.aborted || this.sockets.clients.size + this.opening > MAX_SOCKETS)
      throw new Fault('TOO_MANY_SOCKETS', { detail: `This process has ${MAX_SOCKETS} sockets open.` });
    if ((await this.jobs.get(caller.ownerId, jobId)) === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
    if (after > 0 && (await this.jobs.events(jobId, after - 1, 1)).length === 0)
      throw invalidInput([{ path: 'after', message: `must name an event of the job; it has no event ${after}` }]);
    return { ownerId: caller.ownerId, jobId, after };
  }

  private async callerOf(request: IncomingMessage): Promise<ApiKeyRecord> {
    const key = keyOf(request);
    if (key === null)
      throw new Fault('UNAUTHENTICATED', {
        detail: 'The request carries no key in `Authorization`, nor as subprotocol `gleaner.key.KEY`.',
      });
    return this.admission.admit(key, 'read');
  }
}
