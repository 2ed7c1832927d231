import { Global, Module } from '@nestjs/common';
import { JobWorkflows } from './job-workflows.service.js';
import { SearchAttributes } from './search-attributes.service.js';

@Global()
@Module({ providers: [SearchAttributes, JobWorkflows], exports: [JobWorkflows] })
export class TemporalModule {}
