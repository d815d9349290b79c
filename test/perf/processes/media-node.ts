import { NativeMediaCall } from '@isthmus/media-node/adapters/native/native-media-call';
import { Conversation } from '@isthmus/media-node/adapters/sipjs/conversation';
import { IncomingLeg } from '@isthmus/media-node/adapters/sipjs/incoming-leg';
import { OutgoingLeg } from '@isthmus/media-node/adapters/sipjs/outgoing-leg';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { noMetrics } from '@isthmus/media-node/adapters/telemetry/no-metrics';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { AccessLeg } from '@isthmus/media-node/adapters/werift/access-leg';
import { PortableMediaCall } from '@isthmus/media-node/adapters/werift/portable-media-call';
import { Call } from '@isthmus/media-node/app/calls/call';
import { OpenRecord } from '@isthmus/media-node/app/calls/call-records';
import { InterworkedCallMedia } from '@isthmus/media-node/app/media/interworked-call-media';
import { EventChannel } from '@isthmus/media-node/app/sessions/event-channel';
import { readEnv } from '@isthmus/media-node/env';
import { startMediaNode } from '@isthmus/media-node/start-media-node';
import { Dialog, Transaction, UserAgentClient, UserAgentServer } from 'sip.js/lib/core/index.js';
import { takeCensus } from './census.ts';
import { answerUsage } from './usage.ts';

/** What one call makes and its end is to take away, and what one session makes. */
const CLASSES = {
  'calls with their inboxes': Call,
  'open records': OpenRecord,
  'media of calls': InterworkedCallMedia,
  'media calls with their ports': PortableMediaCall,
  'native media calls': NativeMediaCall,
  'access legs': AccessLeg,
  'outgoing legs': OutgoingLeg,
  'incoming legs': IncomingLeg,
  conversations: Conversation,
  'SIP dialogs': Dialog,
  'SIP transactions': Transaction,
  'SIP requests of ours': UserAgentClient,
  'SIP requests of others': UserAgentServer,
  'event channels': EventChannel,
};

/** The media node alone, so that its CPU and memory are nobody else's. */
const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
const node = await startMediaNode(readEnv(process.env), { log, metrics: noMetrics });
await node.settled();
answerUsage(
  () => node.close(),
  () => takeCensus(CLASSES),
);
process.send?.({});
