import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { JobCommands } from './job-commands.service.js';
import { JobResults } from './job-results.service.js';
import { JobSteeringController } from './job-steering.controller.js';
import { JobsController } from './jobs.controller.js';

@Module({ imports: [EventsModule], controllers: [JobsController, JobSteeringController], providers: [JobCommands, JobResults] })
export class JobsModule {}
