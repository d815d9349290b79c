/** Ports of a media node; the range avoids those that security scanners take for databases. */
export const CONTROL_PORT = 8443;
/** The one port of all browsers, and the one where they ask for their own address. */
export const MEDIA_PORT = 40_000;
export const STUN_PORT = 40_001;
export const RTP_PORTS = { from: 40_002, to: 49_999 } as const;
/** Where browsers come by TCP whose UDP is blocked. */
export const ICE_TCP_PORT = MEDIA_PORT;
/** What the internet may reach by UDP: all of the above but the control port. */
export const PUBLIC_UDP = { from: MEDIA_PORT, to: RTP_PORTS.to } as const;
