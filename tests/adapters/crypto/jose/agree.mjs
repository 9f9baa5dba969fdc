// Holds our verdicts on tokens against those of jose, another implementation of RFC 7519, and signs
// some for us to accept.
import { readFileSync, writeFileSync } from 'node:fs';
import { jwtVerify, SignJWT } from 'jose';

const [corpusFile, signedFile] = process.argv.slice(2);
const corpus = JSON.parse(readFileSync(corpusFile, 'utf8'));
const key = Buffer.from(corpus.secret, 'hex');
const claims = ['iss', 'aud', 'sub', 'type', 'jti', 'sid', 'iat', 'nbf', 'exp'];
const options = {
  algorithms: ['HS256'], typ: 'JWT', issuer: 'baluhost', audience: 'baluhost:access',
  requiredClaims: claims, currentDate: new Date(corpus.now * 1000),
};

let wrong = 0;
let accepted = 0;
for (const { name, token, accepted: ours, stricter } of corpus.cases) {
  let theirs = true;
  let reason = '';
  try {
    const { payload } = await jwtVerify(token, key, options);
    if (ours && claims.some((claim) => payload[claim] === undefined)) {
      throw new Error('a claim is missing');
    }
  } catch (error) {
    theirs = false;
    reason = error.message;
  }
  accepted += ours;
  if ((ours && stricter) || theirs !== (ours || stricter)) {
    ++wrong;
    const verdict = theirs ? 'accepts' : 'refuses';
    console.error(`${name}: we ${ours ? 'accept' : 'refuse'}, jose ${verdict} ${reason}`);
  }
}
console.log(
  `${corpus.cases.length} tokens compared, ${accepted} accepted by both, ${wrong} disagreements`);

const signed = [];
for (let i = 1; i <= 50; ++i) {
  signed.push(await new SignJWT({ type: 'access', sid: 'a'.repeat(32) })
    .setProtectedHeader({ typ: 'JWT', kid: corpus.kid, alg: 'HS256' })
    .setIssuer('baluhost').setAudience('baluhost:access').setSubject(String(i * 7919))
    .setJti(i.toString(16).padStart(32, '0'))
    .setIssuedAt(corpus.now - i).setNotBefore(corpus.now - i).setExpirationTime(corpus.now + i)
    .sign(key));
}
writeFileSync(signedFile, signed.join('\n') + '\n');
process.exit(wrong === 0 && accepted > 1 ? 0 : 1);
