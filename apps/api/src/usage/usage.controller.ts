import type { OwnerUsage, Page, UsageReader } from '@gleaner/domain';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Operation } from '../http/operation.js';
import { USAGE_READER } from '../platform/platform.module.js';
import { type PageQuery, PageQuerySchema } from '../users/user.dto.js';
import { UsageListSchema, UsageSchema } from './usage.dto.js';

@Controller('api/v1/usage')
export class UsageController {
  constructor(@Inject(USAGE_READER) private readonly usage: UsageReader) {}

  @Get()
  @Operation({
    tag: 'Users',
    summary: 'List what every user used, newest user first',
    access: 'admin',
    takesQuery: true,
    answers: [{ status: 200, description: 'A page of users with what they used', schema: UsageListSchema }],
    errors: [],
  })
  list(@Query({ schema: PageQuerySchema }) { cursor, limit }: PageQuery): Promise<Page<OwnerUsage>> {
    return this.usage.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
  }

  @Get(':id')
  @Operation({
    tag: 'Users',
    summary: 'Read what a user used',
    access: 'admin',
    answers: [{ status: 200, description: 'What was used', schema: UsageSchema }],
    errors: ['NOT_FOUND'],
  })
  get(@Param('id') id: string): Promise<OwnerUsage> {
    return this.usage.get(id);
  }
}
