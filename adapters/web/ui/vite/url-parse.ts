// What tus-js-client takes of the package url-parse, which is for browsers without this.
export default URL;
