import type { Logger } from '@gleaner/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ApiConfig } from '../config.js';
import { connectionSignal } from '../http/connection-signal.js';
import { API_CONFIG, LOG } from '../platform/platform.module.js';
import { writeByteStream } from './byte-stream.js';
import { ExportSlots } from './export-slots.js';

export interface StreamedResult {
  readonly type: string;
  readonly fileName: string;
  readonly chunks: AsyncIterator<Buffer>;
}

/** Sends results of any size, some at once. */
@Injectable()
export class ResultWriter {
  private readonly slots = new ExportSlots();

  constructor(
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Throws what fails before the first byte; logs what fails later, which breaks the answer off. */
  async write(reply: FastifyReply, { type, fileName, chunks }: StreamedResult): Promise<void> {
    const disposition = `attachment; filename="${fileName}"`;
    if (reply.request.method === 'HEAD') return void reply.type(type).header('content-disposition', disposition).send();
    const signal = connectionSignal(reply.raw);
    const release = await this.slots.take(signal).catch(() => null);
    if (release === null) return void reply.hijack(); // the client did not wait for its turn
    const { drainTimeoutMs } = this.config.timings;
    const headers = { ...(reply.getHeaders() as Record<string, string>), 'content-type': type, 'content-disposition': disposition };
    try {
      await writeByteStream({ response: reply.raw, chunks, headers, drainTimeoutMs, signal, onBegin: () => void reply.hijack() });
    } catch (error) {
      if (!reply.raw.headersSent) throw error;
      this.log.warn({ err: error, fileName }, 'an export was cut');
    } finally {
      release();
    }
  }
}
