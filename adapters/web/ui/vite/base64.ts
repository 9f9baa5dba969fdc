// What tus-js-client takes of the package js-base64.
export const Base64 = {
  encode: (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
};
