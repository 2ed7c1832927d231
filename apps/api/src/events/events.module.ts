import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.service.js';
import { EventsController } from './events.controller.js';
import { JobEvents } from './job-events.service.js';

@Module({ controllers: [EventsController], providers: [EventFeed, JobEvents], exports: [JobEvents] })
export class EventsModule {}
