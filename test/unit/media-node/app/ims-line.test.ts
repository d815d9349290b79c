import { ImsLine } from '../../../../media-node/src/app/calls/ims-line.ts';
import type { CallEvent } from '../../../../media-node/src/core/call/call-types.ts';
import type { IncomingRefer } from '../../../../media-node/src/ports/sip-refer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { anInvite, type FakeCall, FakeSipAccount } from '../../../support/fake-sip-account.ts';

const CAROL = 'sip:carol@ims.example';
const refer: IncomingRefer = {
  target: CAROL,
  accept: () => undefined,
  refuse: () => undefined,
  tell: () => undefined,
};

describe('SES-5: who handed us on to somebody else', () => {
  let clock: FakeClock;
  let line: ImsLine;
  let former: FakeCall;
  let next: FakeCall;

  beforeEach(() => {
    clock = new FakeClock();
    const account = new FakeSipAccount();
    line = new ImsLine({
      clock,
      invite: (invited, onEvent) =>
        account.invite({ ...invited, identity: 'alice' } as never, onEvent),
      allowReferral: (target) => target,
      divert: () => undefined,
      dispatch: () => undefined,
    });
    line.invite({ target: 'sip:bob@ims.example', sdp: 'offer' });
    const [first] = account.calls;
    first?.ims({ kind: 'sip-referred', refer });
    line.inviteNext({ target: CAROL, sdp: 'offer' });
    line.performer['become-next']({ kind: 'become-next' });
    const second = account.calls[1];
    if (!(first && second)) throw new Error('no calls');
    [former, next] = [first, second];
  });

  it('is given time to hang up himself, and is let go where he does not', () => {
    clock.advance(1_999);
    expect(former.leg.sent).toEqual([]);

    clock.advance(1);
    expect(former.leg.sent).toEqual(['bye']);
    expect(next.leg.sent).toEqual([]);
  });

  it('is left alone once he has hung up', () => {
    former.ims({ kind: 'sip-hung-up' });

    clock.advance(2_000);
    line.release();
    expect(former.leg.sent).toEqual([]);
  });

  it('OPS-3: stands in the record with whom it went on with', () => {
    expect(line.facts).toMatchObject({ laterPeers: [CAROL] });
    line.inviteNext({ target: 'sip:dave@ims.example', sdp: 'offer' });
    line.performer['cancel-next']({ kind: 'cancel-next' });
    expect(line.facts).toMatchObject({ laterPeers: [CAROL] });

    line.takeNext({ ...anInvite().invite, from: { uri: 'sip:erin@ims.example' } });
    line.performer['become-next']({ kind: 'become-next' });

    expect(line.facts.laterPeers).toEqual([CAROL, 'sip:erin@ims.example']);
  });

  it('is let go with the call, once', () => {
    line.release();
    clock.advance(2_000);

    expect(former.leg.sent).toEqual(['bye']);
  });
});

describe('SES-5: who wants the place of a call that has somebody on the way already (RFC 3891)', () => {
  it('is asked to wait, and the other is neither forgotten nor left in a call with nobody', () => {
    const account = new FakeSipAccount();
    const dispatched: CallEvent[] = [];
    const line = new ImsLine({
      clock: new FakeClock(),
      invite: (invited, onEvent) =>
        account.invite({ ...invited, identity: 'alice' } as never, onEvent),
      allowReferral: (target) => target,
      divert: () => undefined,
      dispatch: (event) => dispatched.push(event),
    });
    line.invite({ target: 'sip:bob@ims.example', sdp: 'offer' });
    line.inviteNext({ target: CAROL, sdp: 'offer' });
    const [, carol] = account.calls;
    const erin = anInvite();

    line.takeNext(erin.invite);
    carol?.ims({ kind: 'sip-answered', sdp: 'answer' });

    expect(erin.leg.sent).toEqual(['reject 491']);
    expect(dispatched).toEqual([{ kind: 'next-answered', sdp: 'answer' }]);
    line.performer['cancel-next']({ kind: 'cancel-next' });
    expect(carol?.leg.sent).toEqual(['cancel']);
  });
});
