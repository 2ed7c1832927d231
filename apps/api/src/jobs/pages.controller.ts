import { type ApiKeyRecord, Fault, type LedgerReader } from '@gleaner/domain';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { LEDGER_READER } from '../platform/platform.module.js';
import { LedgerPageListSchema, type LedgerPageList, type LedgerQuery, LedgerQuerySchema } from './crawl.dto.js';
import { JobCommands } from './job-commands.service.js';
import { present } from './present.js';

@Controller('api/v1/jobs')
export class PagesController {
  constructor(
    private readonly commands: JobCommands,
    @Inject(LEDGER_READER) private readonly ledger: Pick<LedgerReader, 'pages'>,
  ) {}

  @Get(':id/pages')
  @Operation({
    tag: 'Jobs',
    summary: 'List the pages of a crawl, in the order in which they were found',
    description:
      'The ledger: every URL with its state, from the moment it was found. A job of another kind has none, and answers `CONFLICT`.',
    access: 'read',
    takesQuery: true,
    answers: [{ status: 200, description: 'A part of the ledger', schema: LedgerPageListSchema }],
    errors: ['NOT_FOUND', 'CONFLICT'],
  })
  async list(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Query({ schema: LedgerQuerySchema }) { state, reason, cursor, limit }: LedgerQuery,
  ): Promise<LedgerPageList> {
    const { kind } = await this.commands.get(caller.ownerId, id);
    if (kind !== 'crawl') throw new Fault('CONFLICT', { detail: `A job of kind ${kind} has no ledger of pages.` });
    const page = await this.ledger.pages(id, present({ state, reason }), present({ cursor, limit }));
    return { items: [...page.items], next: page.next };
  }
}
