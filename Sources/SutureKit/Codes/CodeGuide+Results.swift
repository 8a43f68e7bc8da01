extension CodeGuide {
    /// Codes about building.
    static let builds = """
        Building
        output-without-name | The output's path names no folder. | Give the name of one that does not exist yet.
        output-exists | The output's name is taken. | Choose another, or replace a model with `--force`.
        output-not-replaceable | Only a folder that holds a model is replaced. | Choose another.
        output-is-source | The output would replace a source. | Choose another folder.
        output-inside-source | The output would lie inside a source. | Choose a folder outside of it.
        source-inside-output | The output would replace a folder that a source lies in. | Choose another.
        output-held | Another build writes this folder. | Wait for it.
        output-in-parts | The folder is being written in parts. | Finish them, or remove it.
        output-finished | The output is finished, and not packed as was asked for. | Pack it with `suture pack`.
        not-enough-space | The disk has less space than the output needs. | Free some, or write elsewhere.
        memory-too-small | The build needs more memory than it may take. | Give more with `--memory`.
        cancelled | Somebody asked to stop. | Run it again; `--resume` goes on with what was kept.
        source-changed | A source is not what it was when the plan was made. | Plan again when nothing writes to it any more.
        source-vanished | A source's file is gone since the plan was made, or not on this machine. | Put it back, or say where it is with `--input`.
        source-differs | A file may be another than the plan was made with. | Copy it with its times, or plan here.
        unreadable-source | A source's tensor is in a form that cannot be read. | Plan again; the plan may be of another version.
        not-computable | A tensor's expression cannot be computed. | Plan again; the plan may be of another version.
        nonfinite-source | A source has NaN or infinity where it would spoil a merge. | Repair it, or let it through with `--allow-nonfinite`.
        overflow | A result is too large for the output's dtype. | Choose a wider dtype, or smaller weights.
        broken-plan | A plan contradicts itself. | Make it anew.
        plan-not-json | A plan's file is not JSON. | Make it anew.
        no-plan | The file holds no plan. | Make one: `suture plan RECIPE -o plan.json`.
        other-plan-version | The plan is of another version of the format. | Plan and run with one version.
        part-held | Another run writes this part. | Run another part.
        parts-missing | Not all parts are done. | Run those that are missing, and finish again.
        nothing-to-finish | No part has been written here. | Run the parts first.
        nothing-built | Nothing of an output is here. | Check the folder's name.
        receipt-of-another-plan | A part's receipt is of another plan. | Remove it, and run the part again.
        partial-of-another-plan | What was left here is of another plan, or of another version. | Choose another output, or remove it to start anew.
        other-part-count | The output is being written in another number of parts. | Count as many.
        other-part-cut | The parts were cut elsewhere, by another version. | Run all parts with one version.
        written-file-lost | A file that parts have written is gone or shorter. | Remove the `.partial` folder, and run all parts again.
        cannot-pack | There is no memory to pack a frame. | Choose a lower level, or fewer threads.
        packs-wrongly | A packed frame does not restore to what was read. | Check memory and disk.
        odd-path | A path has control characters, which job files cannot hold. | Give the folder another name.
        """

    /// Codes about verifying and locking.
    static let checks = """
        Verifying and locking
        no-manifest | There is no `manifest.json`, so only the structure is looked at. | Models that Suture builds have one.
        bad-manifest | The manifest cannot be used, or is of another version. | Verify with the version that made it, or with `--structure`.
        manifest-damaged | The manifest does not match its own hash. | Fetch it again, or build the model again.
        file-missing | A file that the manifest lists is not there. | Fetch it again.
        file-extra | A file is no part of what was built, and loaders may take it for one. | Remove it.
        file-changed | A file was edited or damaged. | Fetch it again.
        file-truncated | A file is shorter than it was written. | Fetch it again.
        file-too-long | A file is longer than it was written. | Fetch it again.
        shard-swapped | A weight file holds the tensors of another. | Give the files their own names again.
        header-changed | A header is not what was written. | Fetch the file again.
        tensor-damaged | A tensor's bytes are not those that were written. | Fetch the file again.
        comes-out-otherwise | A tensor that is made again from its sources differs. | Build the model again.
        sources-needed | Tensors are made again from sources, and those are not known to be here. | Say where: `--input name=MODEL`.
        planned-otherwise | The recipe no longer plans what was built. | Give the sources as they were.
        shared-not-checked | Tensors share blocks with a source and have no hash. | Say where the source is, or build with `--hash-all`.
        no-lock | The recipe's models are not pinned. | Pin them with `suture lock`.
        bad-lock | The lock cannot be read. | Pin the models anew.
        not-locked | The recipe takes from a model that the lock does not name. | Pin it anew.
        locked-in-vain | The lock pins a model from which nothing is taken. | Pin the models anew.
        file-not-locked | A model has a file that the lock does not name. | Remove it, or pin the model anew.
        locked-file-differs | A file is not what the lock pins. | Fetch the pinned revision, or pin anew.
        locked-file-missing | A file of the lock is not in the model. | Fetch it, or pin anew.
        compared-by-length | Weight files were compared with the lock by length only. | `suture build --locked` reads them.
        weights-not-here | A hash cannot be known, because the file is not on this machine. | Fetch it: `suture fetch MODEL`.
        no-sha256 | The system's libcrypto does not compute SHA-256. | Look at OpenSSL's configuration.
        """

    /// Codes about models on the hub.
    static let hub = """
        Models on the hub
        hub-offline | The network is forbidden, and the bytes are not here. | Fetch them first: `suture fetch RECIPE`.
        hub-unreachable | The hub cannot be reached. | Check the network; `--offline` takes what is here.
        hub-cut | The hub ended its answers early, again and again. | Try again later.
        hub-busy | The hub has had too many requests from here. | Try again later; with a token more is allowed.
        hub-down | The hub is out of order. | Try again later.
        hub-answer | The hub answers with something else than its protocol has. | Check `HF_ENDPOINT`.
        hub-address | The hub's address is none. | Check `HF_ENDPOINT`.
        hub-proxy | The proxy does not work. | Check `https_proxy` and `no_proxy`.
        hub-encryption | The hub cannot prove who it is. | Check this machine's clock and certificates.
        hub-ignores-range | The hub sends whole files where ranges are asked for. | Check `HF_ENDPOINT`, or download the model whole.
        hub-file-missing | The hub lists a file and does not have it. | Try again later.
        hub-token | The hub does not know the token, or wants one. | Make one, and set `HF_TOKEN`.
        hub-forbidden | The hub refuses the model to this token. | Check what the token may read.
        model-gated | The hub gives the model only to those who accepted its terms. | Ask for access on its page, and set `HF_TOKEN`.
        hub-corrupt | What came is not what the hub says the file is. | Fetch it again.
        hub-no-room | The disk has less space than has to be fetched. | `suture cache prune` frees some; `SUTURE_CACHE` names another disk.
        model-not-kept | Nothing is kept of that model. | `suture cache list` shows what is.
        """

    /// Codes about the command line.
    static let commands = """
        The command line
        command-line | The command line cannot be read. | `suture help COMMAND` has its options.
        no-recipe-found | Layers of the model are like those of no model that was named, so there is no recipe to keep. | Name more models with `--among`.
        token-not-written | The tokenizer that is written has no such token. | Spell it as the vocabulary does.
        nothing-to-explain | The result has no layer or tensor of that name. | Name a layer's number, or a part of a tensor's name.
        unknown-technique | There is no recipe to begin with of that name. | `suture help recipe new` lists them.
        unknown-code | No message has that code. | `suture explain` without a name lists them all.
        """
}
