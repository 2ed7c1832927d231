import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { CrawlExports } from '../exports/crawl-exports.service.js';
import { ResultWriter } from '../exports/result-writer.service.js';
import { JobCommands } from './job-commands.service.js';
import { JobResults } from './job-results.service.js';
import { JobSteeringController } from './job-steering.controller.js';
import { JobsController } from './jobs.controller.js';
import { PagesController } from './pages.controller.js';

@Module({
  imports: [EventsModule],
  controllers: [JobsController, JobSteeringController, PagesController],
  providers: [JobCommands, JobResults, CrawlExports, ResultWriter],
})
export class JobsModule {}
