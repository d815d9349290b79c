import { randomBytes } from 'node:crypto';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import { viewOf } from '@isthmus/shared/errors/error-view';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import { createHttpsNodeControl } from '../../functions/src/adapters/https-node-control.ts';
import { systemClock } from '../../functions/src/adapters/system-clock.ts';
import {
  type ControlServer,
  createControlServer,
} from '../../media-node/src/adapters/control/control-server.ts';
import { systemClock as nodeClock } from '../../media-node/src/adapters/time/system-clock.ts';
import type { Log } from '../../media-node/src/ports/log.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import { aNode } from '../support/memory-functions.ts';

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => log,
};
const command = (commandId: string): ControlCommand => ({
  kind: 'unregister',
  commandId,
  tenant: 'acme',
  sessionId: 's1',
});

describe('SEC-2: functions and media node over the channel between them', () => {
  let server: ControlServer;
  let node: NodeItem;
  let received: ControlCommand[];
  let answer: () => Promise<Record<string, unknown>>;
  const control = createHttpsNodeControl({ clock: systemClock }, { deadlineMs: 2_000 });

  beforeEach(async () => {
    received = [];
    answer = () => Promise.resolve({ sdp: 'v=0' });
    const onCommand = (one: ControlCommand) => {
      received.push(one);
      return answer();
    };
    const deps = { onCommand, clock: nodeClock, log };
    server = await createControlServer(deps, { host: '127.0.0.1', port: 0 });
    const { certificatePem, controlKey, port } = server;
    node = aNode('n1', { address: '127.0.0.1', port, certificatePem, controlKey });
  });
  afterEach(async () => {
    await server.close();
  });

  it('understand one another', async () => {
    expect(await control.send(node, command('c1'))).toEqual({
      kind: 'answered',
      answer: { ok: { sdp: 'v=0' } },
    });
    expect(received).toEqual([command('c1')]);
  });

  it('repeat a command without its being carried out twice', async () => {
    const answers = [
      await control.send(node, command('c1')),
      await control.send(node, command('c1')),
    ];

    expect(answers[1]).toEqual(answers[0]);
    expect(received).toHaveLength(1);
  });

  it('agree on what a refusal looks like', async () => {
    answer = () => Promise.reject(new IwfError('call.not-found', { callId: 'call-0001' }));

    const error = viewOf('call.not-found');
    expect(await control.send(node, command('c1'))).toEqual({
      kind: 'answered',
      answer: { error },
    });
  });

  it('do not take a command that is signed with another key, or long ago', async () => {
    const controlKey = randomBytes(32).toString('base64');
    const late = createHttpsNodeControl({ clock: new MemoryClock() }, { deadlineMs: 2_000 });

    const outcomes = [
      await control.send({ ...node, controlKey }, command('c1')),
      await late.send(node, command('c2')),
    ];

    expect(outcomes.map(({ kind }) => kind)).toEqual(['unreached', 'unreached']);
    expect(received).toEqual([]);
  });
});
