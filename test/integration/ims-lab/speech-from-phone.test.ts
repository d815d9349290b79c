import { describeSpeech } from './speech-on-kamailio.ts';

describe('MED-8: speech between a Chromium on Opus and a phone behind a real core, where the phone calls', () => {
  describeSpeech('phone');
});
