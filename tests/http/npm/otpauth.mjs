// Codes of an otpauth URI, as the npm package otpauth makes them.
//   node otpauth.mjs MODULES URI SECOND…
import { createRequire } from 'node:module';

const [modules, uri, ...seconds] = process.argv.slice(2);
const { URI } = createRequire(`${modules}/`)('otpauth');
const totp = URI.parse(uri);
console.log(`${totp.issuer} ${totp.label} ${totp.algorithm} ${totp.digits} ${totp.period}`);
for (const second of seconds) console.log(totp.generate({ timestamp: Number(second) * 1000 }));
