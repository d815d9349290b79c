import { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import {
  createJsonLog,
  type LogLevel,
} from '../../../../../media-node/src/adapters/telemetry/json-log.ts';

function aLog(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const log = createJsonLog({ stream, clock: { nowMs: () => 0 } }, { level });
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { log, lines, last };
}

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n';

describe('OPS-5: a line of the log', () => {
  it('is one JSON object with time, level, message and facts', () => {
    const { log, lines, last } = aLog();
    log.info('call ended', { callId: 'c-1', sizeBytes: 3n });

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(last()).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'call ended',
      callId: 'c-1',
      sizeBytes: '3',
    });
  });

  it('carries what stands on every line', () => {
    const { log, last } = aLog();
    log.with({ tenant: 'acme' }).with({ callId: 'c-1' }).warn('x', { callId: 'c-2' });

    expect(last()).toMatchObject({ tenant: 'acme', callId: 'c-2' });
  });

  it.each<[LogLevel, readonly string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ])('is written from level %s on', (level, written) => {
    const { log, lines } = aLog(level);
    log.debug('x');
    log.info('x');
    log.warn('x');
    log.error('x');

    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(written);
  });

  it('names an error, its code, its details and its cause', () => {
    const { log, last } = aLog();
    const cause = new IwfError(
      'node.unavailable',
      { nodeId: 'n-1' },
      { cause: new Error('ECONN') },
    );
    log.error('failed', { cause });

    expect(last()['cause']).toMatchObject({
      name: 'IwfError',
      message: 'node.unavailable',
      details: { nodeId: 'n-1' },
      cause: { name: 'Error', message: 'ECONN' },
    });
  });
});

describe('SEC-2: a log', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a Secret', { credentials: new Secret('hush') }],
    ['a Secret deep inside', { a: [{ b: { c: new Secret('hush') } }] }],
    ['a password', { password: 'hush' }],
    ['a sealed password', { trunk: { sealedPassword: 'hush' } }],
    ['a token', { token: 'hush' }],
    ['a resume key', { resumeKey: 'hush' }],
    ['a control key', { node: { controlKey: 'hush' } }],
    ['an Authorization header', { headers: { Authorization: 'Digest hush' } }],
    [
      'a SIP message with credentials',
      { text: 'REGISTER sip:x\r\nAuthorization: Digest hush\r\n' },
    ],
    ['credentials toward a proxy', { text: 'Proxy-Authorization: Digest hush' }],
    ['credentials in an error', { cause: new Error('Authorization: Digest hush') }],
    ['a session description', { sdp: 'hush' }],
    ['one by another name', { text: `INVITE sip:x\r\n\r\n${SDP}a=ice-pwd:hush` }],
  ])('does not show %s', (_what, facts) => {
    const { log, lines } = aLog();
    log.error('x', facts);

    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('hush');
  });

  it('is not stopped by what refers to itself', () => {
    const { log, lines } = aLog();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    log.info('x', { loop });

    expect(lines).toHaveLength(1);
  });
});
