import { createNativeMediaPlane } from '../../media-node/src/adapters/native/native-media-plane.ts';
import type { Log, LogFacts } from '../../media-node/src/ports/log.ts';
import { mediaAddon } from '../support/media-addon.ts';
import { type CreatePlane, SETTINGS } from './media-plane.contract.ts';
import { describeImsLeg } from './media-plane-ims.contract.ts';
import { describeVideo } from './media-plane-video.contract.ts';
import { deps, optionsOf } from './whole-media-plane.ts';

/** The suites of both planes run at the same time. */
const PORTS_FURTHER = 1_400;
const said: (readonly [message: string, facts: LogFacts | undefined])[] = [];
const note = (message: string, facts?: LogFacts): void => {
  said.push([message, facts]);
};
const log: Log = { debug: note, info: note, warn: note, error: note, with: () => log };

const create: CreatePlane = (settings) =>
  createNativeMediaPlane(
    { ...deps, log },
    {
      ...optionsOf({
        ...settings,
        firstPort: settings.firstPort + PORTS_FURTHER,
        lastPort: settings.lastPort + PORTS_FURTHER,
      }),
      ...{ addon: mediaAddon(), workers: 1, io: 'epoll' },
    },
  );

/** Its ports toward IMS, its video and its shared port: what is waited for in two ways. */
describe('MED-2, MED-3, MED-7, MED-9, MED-10 and MED-12: the native plane without io_uring', () => {
  describeImsLeg('native, by epoll', create);
  describeVideo('native, by epoll', create);

  it('says so in the log', async () => {
    const plane = await create(SETTINGS);
    await plane.close();

    expect(said).toContainEqual([
      'media worker started',
      { worker: 0, io: 'epoll', ringRefusal: 'not wanted' },
    ]);
  });
});
