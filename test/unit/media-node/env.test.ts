import { readEnv } from '../../../media-node/src/env.ts';

const NEEDED = {
  TABLE_NAME: 'table',
  GATEWAY_ENDPOINT: 'https://gateway.example/stage',
  AWS_REGION: 'eu-central-1',
  SEAL_KEY_FILE: '/key',
};

describe('SES-7: where a node speaks media with IMS', () => {
  it('is where it speaks with browsers, unless it is said otherwise', () => {
    const rtp = { RTP_BIND_ADDRESS: '::1', RTP_ANNOUNCED_ADDRESS: '2001:db8::1' };

    expect(readEnv(NEEDED).otherRtp).toBeUndefined();
    expect(readEnv({ ...NEEDED, RTP_BIND_ADDRESS: '::1' }).otherRtp).toEqual({
      ...{ bindAddress: '::1', announcedAddress: '::1' },
    });
    expect(readEnv({ ...NEEDED, ...rtp }).otherRtp).toEqual({
      ...{ bindAddress: '::1', announcedAddress: '2001:db8::1' },
    });
  });
});

describe('MED-5: the TCP port of browsers whose UDP is blocked', () => {
  it('is there unless it is switched off, and may be announced as another', () => {
    const iceTcpOf = (given: Readonly<Record<string, string>>) =>
      readEnv({ ...NEEDED, ...given }).iceTcp;

    expect(iceTcpOf({})).toEqual({ port: 0 });
    expect(iceTcpOf({ ICE_TCP_PORT: '40000', ICE_TCP_ANNOUNCED_PORT: '443' })).toEqual({
      port: 40_000,
      announcedPort: 443,
    });
    expect(iceTcpOf({ ICE_TCP_PORT: 'off' })).toBeUndefined();
  });

  it('is no port that there is not', () => {
    expect(() => readEnv({ ...NEEDED, ICE_TCP_PORT: 'on' })).toThrow(
      'environment: ICE_TCP_PORT is not a whole number from 0 to 65535',
    );
  });
});

describe('OPS-2: the media plane of a node', () => {
  it('is the native one where it is built, with a worker for each core, unless it is said otherwise', () => {
    expect(readEnv(NEEDED)).toMatchObject({ mediaPlane: 'auto', mediaWorkers: 0 });
    expect(readEnv({ ...NEEDED, MEDIA_PLANE: 'portable', MEDIA_WORKERS: '3' })).toMatchObject({
      mediaPlane: 'portable',
      mediaWorkers: 3,
    });
  });

  it('waits for its sockets by io_uring where it may, unless it is said otherwise', () => {
    expect(readEnv(NEEDED)).toMatchObject({ mediaIo: 'auto' });
    expect(readEnv({ ...NEEDED, MEDIA_IO: 'epoll' })).toMatchObject({ mediaIo: 'epoll' });
    expect(() => readEnv({ ...NEEDED, MEDIA_IO: 'poll' })).toThrow(
      'environment: MEDIA_IO is none of auto, epoll',
    );
  });

  it('is no plane that nobody knows', () => {
    expect(() => readEnv({ ...NEEDED, MEDIA_PLANE: 'fast', MEDIA_WORKERS: '-1' })).toThrow(
      'environment: MEDIA_PLANE is none of auto, native, portable; MEDIA_WORKERS is not a whole number from 0 to 256',
    );
  });
});
