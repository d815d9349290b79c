/** Registration information written by hand, apart from the code that reads it (RFC 3680 §5.4). */
export interface ContactOptions {
  readonly uri?: string;
  readonly id?: string;
  readonly state?: 'active' | 'terminated';
  readonly event?: string;
  readonly expires?: number;
  readonly retryAfter?: number;
  readonly instance?: string;
  /** Elements of other vocabularies. */
  readonly more?: string;
}

export function contactXml(options: ContactOptions): string {
  const {
    event = 'registered',
    id = 'c1',
    state = 'active',
    uri = 'sip:token@127.0.0.1:5060',
  } = options;
  const attributes = [
    `id="${id}" state="${state}" event="${event}"`,
    ...(options.expires === undefined ? [] : [`expires="${String(options.expires)}"`]),
    ...(options.retryAfter === undefined ? [] : [`retry-after="${String(options.retryAfter)}"`]),
  ].join(' ');
  const instance =
    options.instance === undefined
      ? ''
      : `<unknown-param name="+sip.instance">"&lt;${options.instance}&gt;"</unknown-param>`;
  return `<contact ${attributes}><uri>${uri}</uri>${instance}${options.more ?? ''}</contact>`;
}

export interface RegistrationOptions {
  readonly aor?: string;
  readonly state?: string;
  readonly contacts?: readonly ContactOptions[];
}

const registrationXml = ({
  aor = 'sip:alice@ims.test',
  contacts = [{}],
  state = 'active',
}: RegistrationOptions): string =>
  `<registration aor="${aor}" id="r-${aor}" state="${state}">${contacts.map(contactXml).join('')}</registration>`;

export interface DocumentOptions {
  readonly version?: number | string;
  readonly state?: string;
  readonly registrations?: readonly RegistrationOptions[];
}

export const reginfo = ({
  registrations = [{}],
  state = 'full',
  version = 0,
}: DocumentOptions = {}): string =>
  `<?xml version="1.0"?>\r\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" version="${String(version)}" state="${state}">${registrations.map(registrationXml).join('')}</reginfo>`;
