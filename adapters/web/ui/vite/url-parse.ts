// What tus-js-client takes of the package url-parse; its base may be a path.
export default class extends URL {
  constructor(link: string, base: string) {
    super(link, new URL(base, location.href));
  }
}
