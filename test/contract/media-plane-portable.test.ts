import { createPortableMediaPlane } from '../../media-node/src/adapters/werift/portable-media-plane.ts';
import { deps, describeWholePlane, optionsOf } from './whole-media-plane.ts';

describe('MED-1 to MED-3, MED-5 to MED-7, MED-9, MED-10, MED-12, MED-13, SES-5, SES-7, SES-8, SEC-3 and SEC-4: the portable plane', () => {
  describeWholePlane('portable', (settings) => createPortableMediaPlane(deps, optionsOf(settings)));
});
