import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { LiveController } from './live.controller.js';
import { LiveSockets } from './live-sockets.service.js';
import { LiveTeller } from './live-teller.service.js';

@Module({ imports: [EventsModule], controllers: [LiveController], providers: [LiveSockets, LiveTeller] })
export class LiveModule {}
