import { createNativeMediaPlane } from '../../media-node/src/adapters/native/native-media-plane.ts';
import { mediaAddon } from '../support/media-addon.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import { describeLateAnswers } from './media-plane-late.contract.ts';
import { deps, describeWholePlane, optionsOf } from './whole-media-plane.ts';

/** The other plane's suite runs at the same time. */
const PORTS_FURTHER = 700;

const create: CreatePlane = (settings) =>
  createNativeMediaPlane(deps, {
    ...optionsOf({
      ...settings,
      firstPort: settings.firstPort + PORTS_FURTHER,
      lastPort: settings.lastPort + PORTS_FURTHER,
    }),
    ...{ addon: mediaAddon(), workers: 1 },
  });

describe('MED-1 to MED-3, MED-5 to MED-7, MED-9, MED-10, MED-12, MED-13, SES-5, SES-7, SES-8, SEC-3 and SEC-4: the native plane', () => {
  describeWholePlane('native', create);

  // The other one names with every check (RFC 5245 §8.1.1.2), so that none is lost for good.
  describe('a slow browser', () => {
    describeLateAnswers('native', create);
  });
});
