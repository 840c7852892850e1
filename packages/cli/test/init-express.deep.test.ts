import { describeDialects, useGateway } from "./support/express-project.js";

useGateway();
describeDialects("looseTypescript", "esm");
