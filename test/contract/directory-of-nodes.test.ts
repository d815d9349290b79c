import { viewOf } from '@isthmus/shared/errors/error-view';
import type { NodeItem } from '@isthmus/shared/store/items';
import { createHttpsNodeControl } from '../../functions/src/adapters/https-node-control.ts';
import { systemClock } from '../../functions/src/adapters/system-clock.ts';
import type { NodeControl } from '../../functions/src/ports/node-control.ts';
import { aCertificate } from '../support/memory-certificate.ts';
import { ControlServer } from '../support/memory-control-server.ts';

const command = {
  kind: 'unregister',
  commandId: 's1:unregister',
  tenant: 'acme',
  sessionId: 's1',
} as const;

describe('SEC-2: the channel to a node of the directory', () => {
  let server: ControlServer;
  let node: NodeItem;
  let control: NodeControl;

  beforeEach(async () => {
    server = new ControlServer();
    node = await server.start();
    control = createHttpsNodeControl({ clock: systemClock }, { deadlineMs: 400 });
  });
  afterEach(async () => {
    await server.stop();
  });

  it('carries a signed command to the node and its answer back', async () => {
    server.reply = () => ({ body: '{"ok":{"sdp":"v=0"}}' });

    expect(await control.send(node, command)).toEqual({
      kind: 'answered',
      answer: { ok: { sdp: 'v=0' } },
    });
    expect(server.received).toMatchObject([{ command, isSigned: true }]);
  });

  it('brings back what the node refuses', async () => {
    const error = viewOf('call.not-found');
    server.reply = () => ({ body: JSON.stringify({ error }) });

    expect(await control.send(node, command)).toEqual({ kind: 'answered', answer: { error } });
  });

  it('signs each command under a nonce of its own, over one connection', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    for (let at = 0; at < 25; at += 1) await control.send(node, command);
    process.off('warning', warned);

    expect(new Set(server.received.map(({ nonce }) => nonce)).size).toBe(25);
    expect(server.received.every(({ isSigned }) => isSigned)).toBe(true);
    expect(server.connections).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('shows no command to a server with another certificate, not even of the same name', async () => {
    const { certificatePem } = aCertificate();

    const outcome = await control.send({ ...node, certificatePem }, command);

    expect(outcome.kind).toBe('unreached');
    expect(server.received).toEqual([]);
  });

  it('knows that nothing was taken on where nobody listens', async () => {
    await server.stop();

    expect((await control.send(node, command)).kind).toBe('unreached');
    await server.start();
  });

  it('does not know what a node that stays silent has done', async () => {
    server.reply = () => ({ fault: 'silence' });

    expect((await control.send(node, command)).kind).toBe('unknown');
    expect(server.received).toHaveLength(1);
  });

  it('does not know what a node that cuts the connection has done, first or later', async () => {
    server.reply = () => ({ fault: 'cut' });
    expect((await control.send(node, command)).kind).toBe('unknown');

    server.reply = () => ({ body: '{"ok":{}}' });
    await control.send(node, command);
    server.reply = () => ({ fault: 'cut' });
    expect((await control.send(node, command)).kind).toBe('unknown');
  });

  it.each([
    ['that the request was not let in', { status: 401, body: '' }, 'unreached'],
    ['what is no JSON', { body: 'hello' }, 'unknown'],
    ['JSON of another form', { body: '{"yes":1}' }, 'unknown'],
    ['more than an answer can be', { body: `"${'x'.repeat(300_000)}"` }, 'unknown'],
  ])('survives a node that says %s', async (_what, reply, kind) => {
    server.reply = () => reply;

    expect((await control.send(node, command)).kind).toBe(kind);
  });
});
