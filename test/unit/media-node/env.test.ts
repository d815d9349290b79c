import { readEnv } from '../../../media-node/src/env.ts';

const NEEDED = {
  TABLE_NAME: 'table',
  GATEWAY_ENDPOINT: 'https://gateway.example/stage',
  AWS_REGION: 'eu-central-1',
  SEAL_KEY_FILE: '/key',
};

describe('OPS-2: the media plane of a node', () => {
  it('is the native one where it is built, with a worker for each core, unless it is said otherwise', () => {
    expect(readEnv(NEEDED)).toMatchObject({ mediaPlane: 'auto', mediaWorkers: 0 });
    expect(readEnv({ ...NEEDED, MEDIA_PLANE: 'portable', MEDIA_WORKERS: '3' })).toMatchObject({
      mediaPlane: 'portable',
      mediaWorkers: 3,
    });
  });

  it('is no plane that nobody knows', () => {
    expect(() => readEnv({ ...NEEDED, MEDIA_PLANE: 'fast', MEDIA_WORKERS: '-1' })).toThrow(
      'environment: MEDIA_PLANE is none of auto, native, portable; MEDIA_WORKERS is not a whole number from 0 to 256',
    );
  });
});
