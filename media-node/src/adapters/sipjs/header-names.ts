import { headerize } from 'sip.js/lib/core/messages/utils.js';

/** What sip.js and we ask messages for, over and over; its own way there takes a microsecond. */
const ASKED = [
  ...['Accept', 'Accept-Contact', 'Alert-Info', 'Allow', 'Allow-Events', 'Authentication-Info'],
  ...['Authorization', 'Call-ID', 'Contact', 'Content-Disposition', 'Content-Encoding'],
  ...['Content-Length', 'Content-Type', 'CSeq', 'Date', 'Event', 'Expires', 'From'],
  ...['Max-Forwards', 'Min-Expires', 'Min-SE', 'P-Access-Network-Info', 'P-Asserted-Identity'],
  ...['P-Associated-URI', 'P-Called-Party-ID', 'P-Charging-Vector', 'Path', 'Privacy'],
  ...['Proxy-Authenticate', 'Proxy-Authorization', 'RAck', 'Reason', 'Record-Route', 'Require'],
  ...['Retry-After', 'Route', 'RSeq', 'Server', 'Service-Route', 'Session-Expires'],
  ...['Subscription-State', 'Supported', 'To', 'User-Agent', 'Via', 'Warning'],
  ...['WWW-Authenticate'],
];

/** No more than these are kept: whoever sends us messages may think of any name. */
const KNOWN: ReadonlyMap<string, string> = new Map(
  ASKED.flatMap((name) => [
    [name.toLowerCase(), headerize(name)],
    [name, headerize(name)],
  ]),
);

/** The form under which sip.js keeps a header. */
export const keptAs = (name: string): string => KNOWN.get(name) ?? headerize(name);
