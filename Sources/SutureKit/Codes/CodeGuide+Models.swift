extension CodeGuide {
    /// Codes about models and their files.
    static let models = """
        Models and their files
        model-not-found | The name is no folder here, not in the hub cache, and not on the hub where that was asked. | Check the spelling; give a folder, or `owner/name`.
        revision-not-found | The model has no such revision, or it is not in the cache. | Name a branch, tag or commit that it has.
        model-is-a-file | A model is a folder or a `.gguf` file, and this is another file. | Name the folder.
        model-is-an-adapter | The folder holds an adapter, which is no model by itself. | Name the model with it behind: `MODEL+ADAPTER`.
        model-is-a-pipeline | The folder is a pipeline of diffusers, made of several models. | Name the folder of one language model in it.
        folder-before-hub | A folder of that name is here, and is taken before a model of that name on the hub. | Write `./name` or rename the folder.
        folder-has-no-revision | A folder has no revisions, so the one that is given is ignored. | Leave it out.
        bad-hub-cache | A file of the hub cache does not hold what it should. | Remove it, and download the model again.
        config-missing | There is no `config.json`, which says what the tensors are. | Put it beside the weights.
        config-not-object | `config.json` is JSON and no object. | Restore the file.
        duplicate-config-key | `config.json` has one key twice; the later value counts. | Keep one.
        no-weights | The folder has no weights in a form that is read. | Name the folder that has them.
        no-tensors | The weight files hold no tensors. | Fetch them again.
        foreign-weights | The weights are those of another framework. | Load them with transformers, and save them as safetensors.
        consolidated-weights | The weights are in Mistral's or Meta's own layout. | Take the safetensors of the same model.
        weights-not-fetched | The file is Git LFS' pointer, and the weights are elsewhere. | Fetch them with `git lfs pull` or `hf download`.
        bad-index | The index of the weight files is damaged, or names something impossible. | Fetch it again.
        no-index | There is no index, so all shards are taken as one model. | Nothing has to be done if that is so.
        shards-disagree | Shards of several sets lie side by side, and nothing says which counts. | Remove those that are stale.
        shard-missing | A weight file that the model needs is not there. | Fetch it.
        lone-file-ignored | A single weight file beside an index is ignored, and transformers would load it. | Remove the one that is stale.
        torch-file-ignored | Torch files beside safetensors are ignored. | Nothing has to be done.
        tensor-in-two-files | Two weight files hold one tensor. | Remove the file that is stale.
        index-names-no-tensor | The index places a tensor where it is not. | Fetch index and shards of one revision.
        tensor-not-in-index | A weight file holds a tensor that the index does not name. | Nothing has to be done if it belongs to the model.
        packed-file-corrupt | A packed file cannot be restored. | Fetch it again; `zstd -t` tells whether it is whole.
        file-open | The system refuses to open a file. | Check that it is there and may be read.
        file-read | The system refuses to read a file, or it ends early. | Check the disk, and that nobody changes it.
        file-inspect | The system refuses to say what a file is. | Check the path and its permissions.
        file-list | The system refuses to list a folder. | Check its permissions.
        file-create | The system refuses to create a file. | Check permissions and the space that is left.
        file-resize | The system refuses to give a file its size. | Check the space that is left.
        file-write | The system refuses to write. | Check the space that is left, and quotas.
        file-sync | The system cannot bring what was written to the disk. | Check the disk.
        file-close | The system cannot close a file that was written. | Check the disk, or the network that it lies on.
        file-rename | The system refuses to rename. | Check the permissions of the folder.
        file-remove | The system refuses to remove. | Check the permissions of the folder.
        file-lock | The system refuses to lock a file. | Check that the file system knows locks.
        file-copy | The system refuses to copy. | Check permissions and the space that is left.
        synthetic-unknown-family | No family of made-up models has that name. | Use one that the message lists.
        synthetic-unknown-key | A made-up model has no such setting. | Use one that the message lists.
        synthetic-bad-value | A setting of a made-up model does not fit the others, or is no number. | Correct it as the message says.
        synthetic-no-room | A made-up model with numbers does not fit on the disk. | Ask for `data=none` to plan with it, or set `SUTURE_CACHE` to a larger disk.
        """

    /// Codes about weight files.
    static let formats = """
        Weight files
        safetensors-truncated | The file is shorter than its header says. | Download it again.
        safetensors-header-too-large | The header claims to be larger than the format allows. | The file is probably no safetensors; check what was downloaded.
        safetensors-header-empty | The header claims to have no bytes. | Download the file again.
        safetensors-header-not-json | The header is not JSON. | Download the file again.
        safetensors-bad-metadata | `__metadata__` is there twice, or is no mapping of texts. | Save the file again.
        safetensors-duplicate-tensor | The header names a tensor twice. | Save the file again.
        safetensors-bad-entry | An entry of the header is not as the format has it. | Save the file again.
        safetensors-unknown-dtype | The header names a dtype that the format does not have. | Save the file again with a current library.
        safetensors-bad-offsets | A tensor ends before it begins. | Save the file again.
        safetensors-bad-size | A tensor has another number of bytes than dtype and shape make. | Save the file again.
        safetensors-overlap | Two tensors share bytes. | Save the file again.
        safetensors-hole | Bytes between tensors belong to none. | Save the file again.
        safetensors-past-end | A tensor ends behind the file. | Download the file again: it is cut short.
        safetensors-trailing-bytes | Bytes at the end belong to no tensor. | Download the file again.
        torch-not-a-zip | The file does not begin as a torch file does. | Check what was downloaded.
        torch-bad-zip | The file is no zip archive as torch writes it. | Download it again, or save the model as safetensors.
        torch-no-pickle | The archive has no pickle, or several. | Save the model again.
        torch-legacy | The file is of torch before 0.4. | Load it with an old torch, and save it as safetensors.
        torch-bad-stream | The file is of torch before 1.6, and not as that wrote it. | Save the model as safetensors.
        torch-big-endian | Numbers are stored highest byte first. | Save the model again on a common machine.
        torch-pickle-too-large | The pickle is larger than that of any model. | Save the state dict alone.
        torch-bad-pickle | The pickle holds more than weights; nothing in it is run. | Save the state dict alone.
        torch-no-state-dict | The file holds no dict of names and tensors. | Save `model.state_dict()`.
        torch-duplicate-tensor | The state dict has one tensor twice. | Save the model again.
        torch-storage-missing | A tensor's numbers are not in the file. | Download it again.
        torch-storage-size | A storage has another number of bytes than it claims. | Download the file again.
        torch-impossible-tensor | A tensor has a shape that none can have. | Save the model again.
        torch-view-outside | A tensor is a view that ends behind its storage. | Save the model again.
        torch-view-repeats | A tensor shows some of its numbers more than once. | Save it with `.contiguous()`.
        gguf-header | The header of the GGUF file cannot be read. | Fetch the file again; gguf-py's `gguf-dump` shows what is in it.
        gguf-no-architecture | The file does not say of which architecture its tensors are. | Name a file that holds a model.
        gguf-not-first-part | The file is a later part of a split model. | Name the first part.
        gguf-parts | The parts of a split model do not add up. | Fetch all parts of one model, under their own names.
        several-gguf-models | The folder holds several GGUF models. | Name one of the files.
        gguf-as-it-is | The recipe asks something of a GGUF model that is not done to one. | Leave it out, or take the safetensors model.
        gguf-type-not-named | A tensor is computed of packed numbers, and the recipe does not say which type the result is rounded to. | Name it for all matrices of the result, as in `output: {dtype: q8_0}`.
        gguf-type-kept | A tensor has a type whose numbers are not read, and keeps it beside others of the dtype that the recipe names. | Take a file of another type, if all matrices are to be of one.
        dtype-not-in-format | The format that is written has no weights of that dtype. | Write one that it has: blocks such as `q8_0` are GGUF's, and GGUF takes float32, float16 and bfloat16 beside them.
        scales-missing | A weight of eight-bit floats has no scales. | Fetch the checkpoint again, or take the unquantized one.
        scales-do-not-fit | Scales have a shape that fits no blocks of their weight. | Check `weight_block_size` in `quantization_config`.
        unknown-quantizer | Weights are packed in a way that is not known, so nothing says what goes with a layer. | Take the unquantized model, and quantize the result.
        """

    /// Codes about adapters.
    static let adapters = """
        Adapters
        adapter-config-missing | The adapter has no `adapter_config.json`. | Name the folder that peft saved it to.
        adapter-weights-missing | The adapter has no weights beside its config. | Fetch them.
        bad-adapter-config | `adapter_config.json` has something that cannot be read. | Correct it, or save the adapter again.
        adapter-unsupported | The adapter uses something that cannot be added to weights here. | Merge it with peft where that can, and name the merged folder.
        adapter-not-lora | The adapter is no LoRA. | Merge it with peft where that can; what changes no weights is used beside the model.
        adapter-changed-its-base | Training began by taking a part out of the base, so the plain base does not fit it. | Save the adapter with peft's conversion, as the message says.
        adapter-unknown-start | The adapter began in a way that is not known, and may have changed the base. | Set `init_lora_weights: true` if it did not.
        adapter-unknown-setting | The config has settings that are not known, and are not followed. | Merge it with peft if they change what is computed.
        adapter-half-pair | One factor of a product is there, and the other is not. | Fetch the adapter's weights again.
        adapter-bad-pair | The two factors do not fit each other. | Fetch the adapter's weights again.
        adapter-rank-differs | A factor has another rank than the config says. | Take config and weights of one adapter.
        adapter-shape-differs | The adapter does not fit the shape of what it changes. | Put it on the model that it was made for.
        adapter-fits-no-tensor | The adapter changes something that the model does not have. | Put it on the model that it was made for.
        adapter-adds-bias | The adapter adds to a bias that the model does not have. | Use it beside the model, or train one without `lora_bias`.
        adapter-rows-missing | New rows of embedding and head do not agree. | Save the resized model itself, and put the adapter on that.
        adapter-adds-tokens | The adapter brings an embedding of another size. | Nothing has to be done if its tokenizer is there too.
        adapter-changes-twice | One tensor is changed twice. | Save one adapter with peft.
        adapter-on-quantized | The adapter changes weights that are packed. | Put it on the unquantized model.
        adapter-empty | The adapter changes nothing. | Check that it is the one that was meant.
        adapter-base-differs | The adapter names another model as its base. | Check that the two are relatives.
        adapter-target-without-tensors | The config names modules for which the adapter has no tensors. | Check that the adapter is whole.
        adapter-unties-head | The model's head is its embedding, and the adapter makes them differ: both are written. | Nothing has to be done.
        adapter-merge-differs | A change of a tied embedding is added once, as in training, where peft adds it twice. | Nothing has to be done.
        adapter-head-without-bias | A head's bias is written as zeros, as the adapter was trained. | Nothing has to be done.
        adapter-on-shared-embedding | Several heads share the embedding that the adapter changes, and which is meant nobody can say. | Train one that leaves it alone, or untie the model first.
        adapter-not-applied | An adapter is named where a model is opened by itself. | Name the model alone, or use a recipe.
        adapter-on-gguf | An adapter knows tensors by other names than a GGUF model has. | Put it on the safetensors model.
        adapter-stacks-layers | The adapter was trained on layers laid down anew, and the model becomes that. | Nothing has to be done.
        adapter-without-tokenizer | The adapter brings rows for new tokens, and no tokenizer that names them. | Save its tokenizer into its folder.
        adapter-tokenizer | The tokenizer in the adapter's folder is taken. | Nothing has to be done.
        two-adapters | Two adapters are put on one model. | Build the model with the first, and put the second on that.
        """
}
